"""Which custom field holds a column: a file's word, and nothing that is no name gets into a query."""

from pathlib import Path

import pytest
from pytest_django import Settings

from workflows_app.netsuite.errors import SettingsError
from workflows_app.netsuite.sync.custom_fields import custom_field
from workflows_app.netsuite.sync.declarations.items import items


def use(settings: Settings, tmp_path: Path, words: str) -> None:
    """Name a mapping file."""
    path = tmp_path / "mapping.toml"
    path.write_text(words, encoding="utf-8")
    settings.NETSUITE = {**settings.NETSUITE, "ACCOUNT": "123456", "MAPPING": str(path)}


def test_the_embedded_sandbox_has_its_own_fields(settings: Settings) -> None:
    assert custom_field("item", "pack_size") == "custitem_pack_size"


def test_a_live_account_has_none_unless_its_file_says_so(settings: Settings) -> None:
    settings.NETSUITE = {**settings.NETSUITE, "ACCOUNT": "123456"}

    assert custom_field("item", "pack_size") == ""
    assert "pack_size" not in items().columns


def test_the_file_names_the_field(settings: Settings, tmp_path: Path) -> None:
    use(settings, tmp_path, '[item]\npack_size = "custitem_case_pack"\n')

    assert custom_field("item", "pack_size") == "custitem_case_pack"
    assert "i.custitem_case_pack AS packsize" in items().sql()


@pytest.mark.parametrize("name", ["id FROM item; --", "salary", "custitem_x, password", "CUSTITEM_X"])
def test_what_is_no_custom_field_is_refused(settings: Settings, tmp_path: Path, name: str) -> None:
    use(settings, tmp_path, f'[item]\npack_size = "{name}"\n')

    with pytest.raises(SettingsError, match="is not the id of a custom field"):
        custom_field("item", "pack_size")


def test_a_file_that_cannot_be_read_is_said(settings: Settings, tmp_path: Path) -> None:
    use(settings, tmp_path, "[item\n")

    with pytest.raises(SettingsError, match="NETSUITE_MAPPING cannot be read"):
        custom_field("item", "pack_size")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ('[itme]\npack_size = "custitem_x"', r"there is no section \[itme\]; there is \[item\]"),
        ('[customer]\nphone = "custentity_x"', r"there is no section \[customer\]"),
        ('item = "x"', r"item must be a section, \[item\], not a value"),
        ('[item]\npack_sise = "custitem_x"', r"\[item\] has no column 'pack_sise'; it has pack_size"),
        ("[item]\npack_size = 5", "5 is not the id of a custom field"),
        ('[item.pack_size]\nname = "custitem_x"', "is not the id of a custom field"),
    ],
)
def test_a_mapping_that_would_map_nothing_is_refused_with_a_sentence(
    settings: Settings, tmp_path: Path, words: str, sentence: str
) -> None:
    use(settings, tmp_path, words)

    with pytest.raises(SettingsError, match=sentence):
        items()


def test_an_empty_file_maps_nothing(settings: Settings, tmp_path: Path) -> None:
    use(settings, tmp_path, "")

    assert custom_field("item", "pack_size") == ""
