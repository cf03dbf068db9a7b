"""Every table of the store: who imports this has the metadata whole, as migrations need it."""

from tallystick.store.billing import (  # noqa: F401 - their tables join the metadata
    detail_schema,
    schema,
)
from tallystick.store.books import schema as books_schema  # noqa: F401 - its tables join, too
from tallystick.store.cash import (  # noqa: F401 - their tables join the metadata
    collection_schema,
    provider_schema,
    review_schema,
    write_off_schema,
)
from tallystick.store.engine import schema as engine_schema  # noqa: F401 - its tables join, too
from tallystick.store.facts import flow_schema  # noqa: F401 - its table joins the metadata
from tallystick.store.facts.schema import metadata as metadata
from tallystick.store.profit import schema as profit_schema  # noqa: F401 - its tables join, too
