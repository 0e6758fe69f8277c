"""The icons of the system: 24-unit grid, stroke 1.8, drawn for this product (design guide §4).

Each value is the inside of an `<svg class="i" viewBox="0 0 24 24">`; `{% icon %}` adds the rest, so that
every icon takes the colour and size of the words beside it.
"""

ICONS = {
    "back": '<path d="M14.5 5 8 12l6.5 7"/>',
    "bell": '<path d="M5.5 17c1.5-1.5 1.5-3 1.5-6a5 5 0 0 1 10 0c0 3 0 4.5 1.5 6ZM10 20.5h4M12 6V3.5"/>',
    "birth": (
        '<circle cx="12" cy="7.5" r="4"/><path d="M12 3.5c0-1.5 1.5-1.5 1.5-.5M5 21c0-5 3-7.5 7-7.5s7 '
        '2.5 7 7.5ZM9 17.5l3 2 3-2"/>'
    ),
    "briefcase": '<path d="M3 8h18v12H3ZM9 8V4.5h6V8M3 13h18M12 12v2.5"/>',
    "building": '<path d="M5 20.5V4h9v16.5M14 9.5h5v11M3 20.5h18M8 8h3M8 12h3M8 16h3"/>',
    "calendar": '<path d="M4 5.5h16v15H4ZM4 10h16M8.5 3v4M15.5 3v4"/>',
    "camera": '<path d="M3 7.5h4.5L9 5h6l1.5 2.5H21V19H3Z"/><circle cx="12" cy="13" r="3.7"/>',
    "cash": '<path d="M2.5 6.5h19v11h-19Z"/><circle cx="12" cy="12" r="2.7"/><path d="M6 9.5v5M18 9.5v5"/>',
    "chart": '<path d="M4 20.5h16M7 20V11M12 20V4M17 20v-6"/>',
    "check": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "check-circle": '<circle cx="12" cy="12" r="9"/><path d="M8 12.3l2.8 2.8L16 9.5"/>',
    "clock": '<circle cx="12" cy="12" r="9"/><path d="M12 7v5.2l3.4 2"/>',
    "close": '<path d="M6 6l12 12M18 6 6 18"/>',
    "copy": '<path d="M8 7V3h7.5L20 7.5V17h-4"/><path d="M4 7h8l4 4v10H4Z"/>',
    "counter": '<path d="M3 11h18v9H3ZM12 11V8M8 8h8"/><circle cx="12" cy="5" r="2"/>',
    "document": '<path d="M6 3h8l4.5 4.5V21H6Z"/><path d="M14 3v5h4.5M9 13h6M9 16.5h6"/>',
    "down": '<path d="M5 9l7 7 7-7"/>',
    "download": '<path d="M12 4v11M7 10.5l5 5 5-5M4 20h16"/>',
    "edit": '<path d="M4 20l1-4.5L16.5 4 20 7.5 8.5 19ZM14 6.5l3.5 3.5"/>',
    "external": '<path d="M13 4h7v7M20 4l-9 9M18 14v6H4V6h6"/>',
    "group": (
        '<circle cx="9" cy="8.5" r="3.5"/><path d="M2.5 20c.7-3.7 3.2-5.5 6.5-5.5s5.8 1.8 6.5 5.5M15 '
        '5.3a3.5 3.5 0 0 1 0 6.4M17.5 14.8c2.3.7 3.6 2.4 4 5.2"/>'
    ),
    "heart": '<path d="M12 20C6 15.5 3 12.5 3 9a4.5 4.5 0 0 1 9-1 4.5 4.5 0 0 1 9 1c0 3.5-3 6.5-9 11Z"/>',
    "hourglass": (
        '<path d="M7 3h10M7 21h10M8 3c0 5 3.2 6.5 4 9-.8 2.5-4 4-4 9M16 3c0 5-3.2 6.5-4 9 .8 2.5 4 4 4 9"/>'
    ),
    "house": '<path d="M3.5 11.5 12 4l8.5 7.5M6 10v10.5h12V10M10 20.5V15h4v5.5"/>',
    "id-card": (
        '<path d="M2.5 5.5h19v13h-19Z"/><circle cx="8" cy="11" r="2"/><path d="M5 16c.4-1.7 1.5-2.5 '
        '3-2.5s2.6.8 3 2.5M14 10h5M14 13.5h5"/>'
    ),
    "inbox": '<path d="M4 4h16v16H4ZM4 14h4.5l1.5 2.5h4l1.5-2.5H20"/>',
    "info": '<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.7v.1"/>',
    "key": '<circle cx="8" cy="15" r="4.5"/><path d="M11.2 11.8 20 3M16 7l3 3M13 10l2 2"/>',
    "land": '<path d="M3 19.5h18M3 15.5l6-3 6 2 6-3M6 12V5.5h5V11M15 10.5V7h3.5v3.5"/>',
    "list": '<path d="M9 6h11M9 12h11M9 18h11M4 6h.1M4 12h.1M4 18h.1"/>',
    "lock": '<path d="M5 10.5h14v10H5ZM8 10.5V7.5a4 4 0 0 1 8 0v3"/>',
    "logout": '<path d="M13 4H5v16h8M9.5 12H21M17 8l4 4-4 4"/>',
    "mail": '<path d="M3 6.5h18v12H3Z"/><path d="M3.5 7l8.5 6.5L20.5 7"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "message": '<path d="M4 4.5h16v12H11l-5 4v-4H4Z"/><path d="M8 9h8M8 12.5h5"/>',
    "next": '<path d="M9.5 5l6.5 7-6.5 7"/>',
    "no-entry": '<circle cx="12" cy="12" r="9"/><path d="M9 9l6 6M15 9l-6 6"/>',
    "offline": (
        '<path d="M3 9.5a13 13 0 0 1 4-2.6M21 9.5a13 13 0 0 0-9-3.5M6.5 13a8 8 0 0 1 3-1.7M17.5 '
        '13l-1.5-1M12 18.5v.1M4 4l16 16"/>'
    ),
    "paperclip": (
        '<path d="M20 11.5 12 19.5a5 5 0 0 1-7-7L13.5 4a3.4 3.4 0 0 1 4.8 4.8L10 17a1.7 1.7 0 0 '
        '1-2.4-2.4L15 7.2"/>'
    ),
    "pause": '<circle cx="12" cy="12" r="9"/><path d="M10 9v6M14 9v6"/>',
    "phone": (
        '<path d="M6 3h3.5l1.5 5-2.2 1.6a12 12 0 0 0 5.6 5.6L16 13l5 1.5V18c0 1.7-1.3 3-3 3C10.3 21 3 '
        '13.7 3 6c0-1.7 1.3-3 3-3Z"/>'
    ),
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "printer": '<path d="M7 8V3h10v5M7 17H3.5V8h17v9H17"/><path d="M7 14h10v7H7Z"/>',
    "question": '<circle cx="12" cy="12" r="9"/><path d="M9.5 9.5c0-3 5-3 5 0 0 2-2.5 2-2.5 4M12 16.8v.1"/>',
    "return": '<path d="M8 5 4 9l4 4M4 9h10a5.5 5.5 0 0 1 0 11H9"/>',
    "rings": (
        '<circle cx="9" cy="14" r="5.5"/><circle cx="15" cy="14" r="5.5"/><path d="M10.5 5.5 12 3.5l1.5 '
        '2L12 7.5Z"/>'
    ),
    "rotate": '<path d="M19.5 12a7.5 7.5 0 1 1-2.3-5.4L19.5 9M19.5 4v5h-5"/>',
    "route": '<path d="M12 2.5 21.5 12 12 21.5 2.5 12Z"/><path d="M9 15v-3.5h5.5M12.5 9l2.5 2.5-2.5 2.5"/>',
    "scan": '<path d="M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16"/>',
    "screen": '<path d="M3 4.5h18v12H3ZM8.5 20.5h7M12 16.5v4"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5 21 21"/>',
    "send": '<path d="M3.5 11.5 20.5 4l-5 16.5-4-6.5Z"/><path d="M11.5 14 20.5 4"/>',
    "settings": (
        '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2"/><circle cx="9" cy="17" r="2"/>'
    ),
    "shop": (
        '<path d="M4 10v10.5h16V10M3 9.5 5 4h14l2 5.5c0 1.5-1.3 2.5-3 2.5s-3-1-3-2.5c0 1.5-1.3 2.5-3 '
        '2.5s-3-1-3-2.5C9 11 7.7 12 6 12s-3-1-3-2.5ZM9.5 20.5V15h5v5.5"/>'
    ),
    "stamp": '<path d="M9.5 3.5h5l-.5 7h4.5v4h-13v-4H10ZM4.5 20.5h15"/>',
    "star": '<path d="M12 3.5l2.6 5.5 6 .8-4.4 4.2 1.1 6L12 17.2 6.7 20l1.1-6L3.4 9.8l6-.8Z"/>',
    "table": '<path d="M4 4h16v16H4ZM4 9.5h16M4 15h16M10 4v16"/>',
    "triangle": '<path d="M12 3.5 22 20.5H2Z"/><path d="M12 10v5M12 17.8v.1"/>',
    "truck": (
        '<path d="M2 6h12v10H2ZM14 9.5h4.5L22 13v3h-8"/><circle cx="7" cy="17.5" r="2"/><circle '
        'cx="17.5" cy="17.5" r="2"/>'
    ),
    "up": '<path d="M5 15l7-7 7 7"/>',
    "upload": '<path d="M12 16V5M7 9.5l5-5 5 5M4 20h16"/>',
    "user": '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c1-4 4-6 7.5-6s6.5 2 7.5 6"/>',
    "zoom": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5 21 21M10.5 8v5M8 10.5h5"/>',
}
