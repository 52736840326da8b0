"""`spec_items` ← items that are sold.

NetSuite's: ns_id, description, list_price (its first price level), vendor_id (the preferred vendor), active, and
pack_size where `NETSUITE_MAPPING` names the custom field of it. Ours: item_code (an item that is renamed in NetSuite
keeps the code that prices and quotes know it by) and replaced_by. A price can change without the item: the nightly
pass reads it whole.
"""

from workflows_app.models import SpecItem, Vendor
from workflows_app.netsuite.sync.custom_fields import custom_field
from workflows_app.netsuite.sync.mirror import Mirror
from workflows_app.netsuite.sync.values import Make, Reading, Record, filled_text, optional_money, reference

_BASE_PRICE = 1


def _active(record: Record, reading: Reading) -> bool:
    return record.get("isinactive") != "T"


def items() -> Mirror:
    """The declaration, with the custom fields of the account in the settings. Raises `SettingsError`."""
    pack_size = custom_field("item", "pack_size")
    columns: dict[str, Make] = {
        "description": filled_text("description", "displayname", "itemid"),
        "vendor_id": reference("vendor", Vendor),
        "list_price": optional_money("price"),
        "active": _active,
    }
    if pack_size:
        columns["pack_size"] = filled_text("packsize")
    return Mirror(
        model=SpecItem,
        base="item i",
        joins=(
            f"LEFT JOIN itemPrice p ON p.item = i.id AND p.pricelevel = {_BASE_PRICE} "
            "LEFT JOIN itemVendor w ON w.item = i.id AND w.preferredvendor = 'T'"
        ),
        where="i.itemtype IN ('InvtPart', 'NonInvtPart', 'Assembly', 'Kit')",
        select=(
            "i.externalid, i.itemid, i.displayname, i.description, i.isinactive, p.price, w.vendor"
            + (f", i.{pack_size} AS packsize" if pack_size else "")
        ),
        references=(("vendor", Vendor),),
        columns=columns,
        key="itemid",
        natural=("item_code", "itemid"),
        gone={"active": False},
    )
