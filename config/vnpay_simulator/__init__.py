"""A bank for demonstrations: plays VNPAY's side of protocol 2.1.0. Installed on development machines alone.

It shares no code and no table with the product, only the protocol: our adapter cannot tell it from the real one. No
money moves, and every page of it says so.
"""
