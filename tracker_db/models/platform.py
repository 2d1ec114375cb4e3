"""The platform's tables: users and how they sign in, their projects and subscriptions."""

from __future__ import annotations

from peewee import (
    SQL,
    BooleanField,
    CompositeKey,
    DeferredThroughModel,
    IntegerField,
    ManyToManyField,
    TextField,
)
from playhouse.postgres_ext import BinaryJSONField

from tracker_db.fields import (
    PgEnum,
    TimestampTZ,
    foreign_key,
    server_default,
    unix_seconds,
    uuid_key,
)
from tracker_db.models.base import BaseModel, index, stamp_updates

NOW = server_default("now()")
FALSE = server_default("false")

_Members = DeferredThroughModel()


class User(BaseModel):
    """A person with an account, of the platform and of its coaching.

    `password_hash` is NULL for those who only sign in through a provider. `coaching_count`
    counts since `coaching_reset_at`.
    """

    id = uuid_key()
    email = TextField()
    name = TextField(null=True)
    password_hash = TextField(null=True)
    email_verified = BooleanField(constraints=[FALSE])
    image = TextField(null=True)
    role = TextField(constraints=[server_default("'user'")])
    banned = BooleanField(constraints=[FALSE])
    ban_reason = TextField(null=True)
    ban_expires = TimestampTZ(null=True)
    stripe_customer_id = TextField(null=True)
    created_at = TimestampTZ(constraints=[NOW])
    updated_at = TimestampTZ(constraints=[NOW])
    coaching_count = IntegerField(constraints=[server_default("0")])
    coaching_reset_at = TimestampTZ(null=True)
    persona_signals = BinaryJSONField(index=False, null=True)

    created_at_unix = unix_seconds("created_at")
    updated_at_unix = unix_seconds("updated_at")
    coaching_reset_at_unix = unix_seconds("coaching_reset_at")

    class Meta:
        """An address belongs to one user, however it is capitalised."""

        table_name = "users"
        only_save_dirty = True
        constraints = (
            SQL("CONSTRAINT users_email_unique UNIQUE (email)"),
            SQL("CONSTRAINT users_stripe_customer_id_unique UNIQUE (stripe_customer_id)"),
            SQL("CONSTRAINT users_coaching_count_check CHECK (coaching_count >= 0)"),
        )


stamp_updates(User)
User.add_index(SQL("CREATE UNIQUE INDEX users_email_lower_unique ON users (lower(email))"))


class Account(BaseModel):
    """A way for a user to sign in: a provider's account, or the password one (`credential`)."""

    id = uuid_key()
    account_id = TextField()
    provider_id = TextField()
    user = foreign_key(User, "accounts_user_id_users_id_fk", backref="accounts")
    access_token = TextField(null=True)
    refresh_token = TextField(null=True)
    id_token = TextField(null=True)
    access_token_expires_at = TimestampTZ(null=True)
    refresh_token_expires_at = TimestampTZ(null=True)
    scope = TextField(null=True)
    password = TextField(null=True)
    created_at = TimestampTZ(constraints=[NOW])
    updated_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """A provider's account belongs to one user."""

        table_name = "accounts"
        only_save_dirty = True
        constraints = (
            SQL(
                "CONSTRAINT accounts_provider_id_account_id_unique UNIQUE (provider_id, account_id)"
            ),
        )


stamp_updates(Account)
index(Account, "user_id")
Account.add_index(
    SQL(
        "CREATE UNIQUE INDEX accounts_credential_unique ON accounts (user_id)"
        " WHERE provider_id = 'credential'"
    )
)


class Session(BaseModel):
    """A signed-in browser; whoever shows the token is the user, until it expires."""

    id = uuid_key()
    expires_at = TimestampTZ()
    token = TextField()
    created_at = TimestampTZ(constraints=[NOW])
    updated_at = TimestampTZ(constraints=[NOW])
    ip_address = TextField(null=True)
    user_agent = TextField(null=True)
    user = foreign_key(User, "sessions_user_id_users_id_fk", backref="sessions")
    impersonated_by = foreign_key(
        User,
        "sessions_impersonated_by_users_id_fk",
        backref="impersonated_sessions",
        column_name="impersonated_by",
        object_id_name="impersonated_by_id",
        null=True,
    )
    active_organization_id = TextField(null=True)

    class Meta:
        """Ended with the user, and with whoever impersonates the user."""

        table_name = "sessions"
        only_save_dirty = True
        constraints = (SQL("CONSTRAINT sessions_token_unique UNIQUE (token)"),)


stamp_updates(Session)
for _column in ("user_id", "impersonated_by", "expires_at"):
    index(Session, _column)


class Project(BaseModel):
    """What a user builds, at its own subdomain, alone or with members."""

    id = uuid_key()
    title = TextField(null=True)
    description = TextField(null=True)
    subdomain = TextField()
    created_at = TimestampTZ(constraints=[NOW])
    updated_at = TimestampTZ(constraints=[NOW])
    user = foreign_key(User, "projects_user_id_users_id_fk", backref="projects")
    members = ManyToManyField(User, backref="shared_projects", through_model=_Members)

    class Meta:
        """A subdomain leads to one project."""

        table_name = "projects"
        only_save_dirty = True
        constraints = (SQL("CONSTRAINT projects_subdomain_unique UNIQUE (subdomain)"),)


stamp_updates(Project)
for _column in ("created_at", "user_id"):
    index(Project, _column)


class ProjectMember(BaseModel):
    """A user who may work on somebody's project."""

    project = foreign_key(
        Project, "project_members_project_id_projects_id_fk", backref="memberships"
    )
    user = foreign_key(User, "project_members_user_id_users_id_fk", backref="memberships")
    role = TextField(constraints=[server_default("'editor'")])
    created_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """A user is a member once."""

        table_name = "project_members"
        primary_key = CompositeKey("project", "user")
        constraints = (
            SQL("CONSTRAINT project_members_role_check CHECK (role IN ('editor', 'viewer'))"),
        )


index(ProjectMember, "user_id")
_Members.set_model(ProjectMember)


class CanvasNode(BaseModel):
    """A node of a project's visual editor; `position` is {"x": number, "y": number}."""

    id = uuid_key()
    type = PgEnum("canvas_node_types", ("preview", "declaration"))
    position = BinaryJSONField(index=False)
    created_at = TimestampTZ(constraints=[NOW])
    updated_at = TimestampTZ(constraints=[NOW])
    project = foreign_key(Project, "canvas_nodes_project_id_projects_id_fk", backref="canvas_nodes")

    class Meta:
        """A node without a place cannot be drawn."""

        table_name = "canvas_nodes"
        only_save_dirty = True
        constraints = (
            SQL(
                "CONSTRAINT canvas_nodes_position_check CHECK ("
                "coalesce(jsonb_typeof(position -> 'x'), '') = 'number'"
                " AND coalesce(jsonb_typeof(position -> 'y'), '') = 'number')"
            ),
        )


stamp_updates(CanvasNode)
for _column in ("created_at", "project_id"):
    index(CanvasNode, _column)


class Subscription(BaseModel):
    """A Stripe subscription as Stripe last told of it, at `synced_at` by Stripe's clock."""

    id = uuid_key()
    plan = TextField()
    reference = foreign_key(User, "subscriptions_reference_id_users_id_fk", backref="subscriptions")
    stripe_customer_id = TextField(null=True)
    stripe_subscription_id = TextField(null=True)
    status = TextField(constraints=[server_default("'incomplete'")])
    period_start = TimestampTZ(null=True)
    period_end = TimestampTZ(null=True)
    cancel_at_period_end = BooleanField(constraints=[FALSE])
    seats = IntegerField(null=True)
    trial_start = TimestampTZ(null=True)
    trial_end = TimestampTZ(null=True)
    cancel_at = TimestampTZ(null=True)
    canceled_at = TimestampTZ(null=True)
    ended_at = TimestampTZ(null=True)
    synced_at = TimestampTZ(null=True)
    created_at = TimestampTZ(constraints=[NOW])
    updated_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """Stripe's own words; an older event never overwrites a newer one."""

        table_name = "subscriptions"
        only_save_dirty = True
        constraints = (
            SQL(
                "CONSTRAINT subscriptions_stripe_subscription_id_unique"
                " UNIQUE (stripe_subscription_id)"
            ),
            SQL(
                "CONSTRAINT subscriptions_status_check CHECK (status IN"
                " ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due',"
                " 'canceled', 'unpaid', 'paused'))"
            ),
            SQL("CONSTRAINT subscriptions_seats_check CHECK (seats > 0)"),
        )


stamp_updates(Subscription)
index(Subscription, "reference_id")


class Verification(BaseModel):
    """A secret sent to somebody, such as the code that confirms an address."""

    id = uuid_key()
    identifier = TextField()
    value = TextField()
    expires_at = TimestampTZ()
    created_at = TimestampTZ(constraints=[NOW])
    updated_at = TimestampTZ(constraints=[NOW])

    class Meta:
        """Looked up by identifier, purged by age."""

        table_name = "verifications"
        only_save_dirty = True


stamp_updates(Verification)
for _column in ("identifier", "expires_at"):
    index(Verification, _column)
