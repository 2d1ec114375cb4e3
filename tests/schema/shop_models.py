"""A small set of models in two versions, with what peewee says and what it cannot."""

from __future__ import annotations

from peewee import (
    SQL,
    CharField,
    DecimalField,
    DeferredForeignKey,
    Field,
    ForeignKeyField,
    Model,
    TextField,
)
from playhouse.postgres_ext import ArrayField, BinaryJSONField

from tracker_db.fields import PgEnum, TimestampTZ, Vector, server_default, uuid_key


def first_version():
    """Shops and their items, with a circle of keys, a function, a trigger and a view."""

    class Shop(Model):
        id = uuid_key()
        name = CharField(max_length=80, constraints=[SQL("CHECK (name IN ('here', '100 %%'))")])
        best = DeferredForeignKey("Item", null=True, constraint_name="shops_best_fk")

        class Meta:
            table_name = "shops"
            prior_sql = (
                "CREATE FUNCTION start() RETURNS text LANGUAGE sql IMMUTABLE AS $$SELECT 'new'$$",
            )
            extra_sql = (
                "CREATE INDEX shops_name_prefix ON shops (name text_pattern_ops)",
                r"""CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- 100 % \ "quoted" and it's fine
    RETURN NEW;
END $$""",
                "CREATE TRIGGER touch BEFORE UPDATE ON shops FOR EACH ROW EXECUTE FUNCTION touch()",
                "CREATE VIEW cheap AS SELECT id, price FROM items WHERE price BETWEEN 0 AND 9",
            )

    class Item(Model):
        id = uuid_key()
        shop = ForeignKeyField(Shop, on_delete="CASCADE")
        status = PgEnum("item_status", ["new", "sold"], constraints=[server_default("'new'")])
        price = DecimalField(12, 6, null=True, constraints=[SQL("CHECK (price > 0)")])
        tags = ArrayField(TextField, index=True)
        data = BinaryJSONField(index=False, constraints=[server_default("'{}'")])
        embedding = Vector(3, null=True)
        made_at = TimestampTZ(constraints=[server_default("now()")])
        word = TextField(null=True, constraints=[server_default("start()")])

        class Meta:
            table_name = "items"

    return [Shop, Item]


def second_version():
    """The same with one more column, one more label and another view."""
    shop, item = first_version()
    item._meta.add_field("stock", TextField(null=True))
    item.status.values = ("new", "used", "sold")
    shop._meta.extra_sql = (
        *shop._meta.extra_sql[:3],
        "CREATE VIEW cheap AS SELECT id FROM items WHERE price < 5",
    )
    return [shop, item]


def thing(**fields: Field) -> type[Model]:
    """A model of one table, with these fields."""
    return type("Thing", (Model,), {**fields, "Meta": type("Meta", (), {"table_name": "things"})})
