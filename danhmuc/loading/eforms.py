"""Electronic forms: shared blocks copied in, keys prefixed, so that a version carries its form whole.

Lists (ethnicities, countries, relations …) stay where they are and are named by `{"$ref": "#/lists/…"}`;
`danhmuc.lists` reads them.
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from danhmuc.loading import files

#: Rules whose value names other fields of the form.
FIELD_RULES = ("not_before", "max_months_after", "warn_if_mismatch")
SUBMITTER_BLOCKS = {"#/common/submitter", "#/common/requester_civil"}
Form = dict[str, Any]


class FormBook:
    """All forms of `eforms.json`, resolved on demand."""

    def __init__(self, folder: Path) -> None:
        self.document = files.read_json(folder / "eforms.json")
        self.types = {name for name, _ in self.document["types"].items()}
        self.rule_names = {name for name, _ in self.document["rule_names"].items()}
        self.sources = {node.text() for node in self.document["prefill_sources"]}
        self.lists = {name for name, _ in self.document["lists"].items()}
        self._by_code: dict[str, tuple[files.Node, dict[str, Any]]] = {}
        for code, form in self.document["forms"].items():
            self._claim(code, form, {})
            for other in form["also_for"] if form.get("also_for") else ():
                self._claim(other["code"].text(), form, other.value)

    def _claim(self, code: str, form: files.Node, changes: dict[str, Any]) -> None:
        if code in self._by_code:
            raise form.refuse(f"thủ tục {code} đã có tờ khai ở {self._by_code[code][0].at}")
        self._by_code[code] = (form, changes)

    def has_own(self, code: str) -> bool:
        """Whether the procedure has a form of its own, not the common one."""
        return code in self._by_code

    def form_for(self, code: str) -> Form:
        """The resolved form of a procedure: title, sections, rules, declaration. DataError when it does not hold."""
        node, changes = self._by_code.get(code, (self.document["default"], {}))
        form = {
            name: node.value[name]
            for name in ("form_no", "legal_source", "verified", "verified_note", "handled_by")
            if node.get(name)
        }
        form |= {"title": changes.get("request_title") or node.get("request_title") or node["title"].text()}
        if changes.get("form_no"):
            form["form_no"] = changes["form_no"]
        omitted = set(changes.get("omit_sections", ()))
        sections = [
            self._section(section) for section in node["sections"] if section.get("title") not in omitted
        ]
        if not any(section.get("$ref") in SUBMITTER_BLOCKS for section in node["sections"]):
            block = files.Node(node.file, f"{node.at}.sections", {"$ref": "#/common/submitter"})
            sections.insert(0, self._section(block) | {"from_account": True})
        form |= {
            "own": self.has_own(code),
            "sections": sections,
            "declaration": node["declaration"].text(),
            "rules": copy.deepcopy(node.get("rules", [])),
        }
        self._set_defaults(form, changes.get("defaults", {}), node)
        self._check(form, node)
        return form

    def _common(self, node: files.Node, kind: str) -> files.Node:
        ref = node["$ref"].text()
        if not ref.startswith("#/common/"):
            raise node.refuse(f"$ref “{ref}” phải trỏ tới #/common/…")
        block = self.document["common"][ref.removeprefix("#/common/")]
        if block["kind"].text() != kind:
            raise node.refuse(f"{ref} không phải là khối kind={kind}")
        return block

    def _section(self, node: files.Node) -> dict[str, Any]:
        section: dict[str, Any] = {}
        if "$ref" in node.value:
            block = self._common(node, "section")
            fields = [
                self._field(inner, node.get("override", {}))
                for inner in block["fields"]
                if inner.get("key") not in node.get("omit", ())
            ]
            section |= {"title": node.get("title") or block["title"].text(), "block": node["$ref"].text()[9:]}
            if block.get("optional"):
                section["optional"] = True
        else:
            section["title"] = node["title"].text()
            fields = []
            for inner in node["fields"]:
                fields.extend(self._block(inner) if "$ref" in inner.value else [self._field(inner, {})])
        for name in ("help", "show_if"):
            if node.get(name):
                section[name] = copy.deepcopy(node.get(name))
        return section | {"fields": fields}

    def _block(self, node: files.Node) -> Iterator[dict[str, Any]]:
        """The fields of a shared block, keys prefixed along with every mention of them."""
        block = self._common(node, "fields")
        prefix, omit = node.get("prefix", ""), set(node.get("omit", ()))
        own = {inner["key"].text() for inner in block["fields"]} | set(block.get("outer_keys", ()))
        for inner in block["fields"]:
            base = inner["key"].text()
            if base in omit:
                continue
            made = self._field(inner, node.get("override", {}))
            made["key"] = prefix + base
            if "show_if" in made and made["show_if"]["field"] in own:
                made["show_if"]["field"] = prefix + made["show_if"]["field"]
            rename_in_rules(made.get("rules", {}), {name: prefix + name for name in own})
            if node.get("prefill_from") == "submitter" and (source := self._submitter_source(base)):
                made |= {"prefill": source, "prefill_when": copy.deepcopy(node.get("prefill_when"))}
            yield made

    def _submitter_source(self, base: str) -> str:
        named = {"residence": "current_address"}.get(base, base)
        source = f"submitter.{named}"
        return source if source in self.sources else ""

    def _field(self, node: files.Node, override: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = copy.deepcopy(node.value) | copy.deepcopy(override.get(node["key"].text(), {}))
        node["label"].text()
        node["type"].one_of(self.types)
        for name in made.get("rules", {}):
            if name not in self.rule_names:
                raise node.refuse(f"luật “{name}” không có trong rule_names")
        if made.get("prefill") and made["prefill"] not in self.sources:
            raise node.refuse(f"nguồn điền sẵn “{made['prefill']}” không có trong prefill_sources")
        if made["type"] in {"choice", "multichoice"}:
            self._check_choices(node, made.get("choices"))
        if made["type"] == "group":
            inner = [self._field(child, {}) for child in node["fields"]]
            keys = [child["key"] for child in inner]
            if len(set(keys)) != len(keys):
                raise node.refuse("hai ô trong nhóm trùng khóa")
            made["fields"] = inner
        return made

    def _check_choices(self, node: files.Node, choices: Any) -> None:
        if isinstance(choices, dict):
            name = choices.get("$ref", "").removeprefix("#/lists/")
            if name not in self.lists:
                raise node.refuse(f"danh mục lựa chọn “{choices.get('$ref')}” không có trong lists")
        elif not choices or any(not {"value", "label"} <= set(c) for c in choices):
            raise node.refuse("ô chọn phải có choices gồm value và label")

    def _set_defaults(self, form: Form, defaults: dict[str, Any], node: files.Node) -> None:
        fields = {f["key"]: f for s in form["sections"] for f in s["fields"]}
        for key, value in defaults.items():
            if key not in fields:
                raise node.refuse(f"defaults nhắc tới ô “{key}” không có trong biểu mẫu")
            fields[key]["default"] = value

    def _check(self, form: Form, node: files.Node) -> None:
        fields = [f for s in form["sections"] for f in s["fields"]]
        keys = [f["key"] for f in fields]
        twice = {k for k in keys if keys.count(k) > 1}
        if twice:
            raise node.refuse(f"ô trùng khóa sau khi ghép: {', '.join(sorted(twice))}")
        known = set(keys)
        for owner in [*form["sections"], *fields]:
            condition = owner.get("show_if")
            if condition and condition["field"] not in known:
                raise node.refuse(f"show_if nhắc tới ô “{condition['field']}” không có trong biểu mẫu")
        for field in fields:
            drop_unknown(field.get("rules", {}), known)
            for inner in field.get("fields", ()):
                condition = inner.get("show_if")
                if condition and condition["field"] not in {i["key"] for i in field["fields"]} | known:
                    raise node.refuse(
                        f"show_if trong nhóm {field['key']} nhắc tới ô “{condition['field']}” lạ"
                    )


def rename_in_rules(rules: dict[str, Any], names: dict[str, str]) -> None:
    """Follow renamed keys inside the rules that name other fields."""
    for rule in FIELD_RULES:
        value = rules.get(rule)
        if isinstance(value, str):
            rules[rule] = names.get(value, value)
        elif isinstance(value, dict):
            rules[rule] = {k: names.get(v, v) if isinstance(v, str) else v for k, v in value.items()}


def drop_unknown(rules: dict[str, Any], known: set[str]) -> None:
    """A rule about a field that this form does not have is left out, as the source asks."""
    for rule in FIELD_RULES:
        value = rules.get(rule)
        named = (
            [value] if isinstance(value, str) else [v for v in (value or {}).values() if isinstance(v, str)]
        )
        if rule == "warn_if_mismatch" and isinstance(value, dict):
            rules[rule] = {k: v for k, v in value.items() if v in known}
            if not rules[rule]:
                del rules[rule]
        elif any(name not in known for name in named):
            rules.pop(rule, None)
