"""The coaching tables: tasks and goals, what was asked and answered, the cache, the tokens.

Timestamps are `timestamptz`; each has a property `..._unix` in whole seconds.
"""

from __future__ import annotations

from peewee import (
    SQL,
    BooleanField,
    CharField,
    DecimalField,
    IntegerField,
    TextField,
    UUIDField,
)
from playhouse.postgres_ext import BinaryJSONField

from tracker_db.fields import TimestampTZ, foreign_key, server_default, unix_seconds, uuid_key
from tracker_db.models.base import BaseModel, stamp_updates
from tracker_db.models.platform import User

NOW = server_default("now()")


class RefreshToken(BaseModel):
    """One token of a family that descends from one login; `token` is its SHA-256 in hex.

    A token is used once: `used_at` is when its child was made. When a used token comes back,
    the whole family is revoked.
    """

    id = uuid_key()
    user = foreign_key(User, "refresh_tokens_user_id_users_id_fk", backref="refresh_tokens")
    token = CharField(500)
    expires_at = TimestampTZ()
    created_at = TimestampTZ(constraints=[NOW])
    family_id = UUIDField(constraints=[server_default("gen_random_uuid()")])
    parent = foreign_key(
        "self",
        "refresh_tokens_parent_id_refresh_tokens_id_fk",
        "SET NULL",
        backref="children",
        null=True,
    )
    used_at = TimestampTZ(null=True)
    revoked_at = TimestampTZ(null=True)
    family_expires_at = TimestampTZ(null=True)

    created_at_unix = unix_seconds("created_at")
    expires_at_unix = unix_seconds("expires_at")

    class Meta:
        """No two logins share a token."""

        table_name = "refresh_tokens"
        only_save_dirty = True
        constraints = (SQL("CONSTRAINT idx_refresh_tokens_token UNIQUE (token)"),)


for _name, _column in (
    ("user", "user_id"),
    ("family", "family_id"),
    ("parent", "parent_id"),
    ("expires", "expires_at"),
):
    RefreshToken.add_index(
        SQL(f"CREATE INDEX idx_refresh_tokens_{_name} ON refresh_tokens ({_column})")
    )


class Task(BaseModel):
    """Something to do. Importance and confidence are 1 to 10.

    `is_completed` and `completed_at` say the same as the status `completed`: a trigger
    takes over whichever of them is written.
    """

    id = uuid_key()
    user = foreign_key(User, "tasks_user_id_users_id_fk", backref="tasks")
    title = TextField()
    status = TextField(constraints=[server_default("'pending'")])
    created_at = TimestampTZ(constraints=[NOW])
    updated_at = TimestampTZ(constraints=[NOW])
    text = CharField(500, null=True)
    importance = IntegerField(null=True)
    confidence = IntegerField(null=True)
    is_completed = BooleanField(constraints=[server_default("false")])
    completed_at = TimestampTZ(null=True)

    created_at_unix = unix_seconds("created_at")
    updated_at_unix = unix_seconds("updated_at")
    completed_at_unix = unix_seconds("completed_at")

    class Meta:
        """Two documents describe a task: one by its status, one by a flag."""

        table_name = "tasks"
        only_save_dirty = True
        constraints = (
            SQL(
                "CONSTRAINT tasks_status_check CHECK (status IN"
                " ('pending', 'in_progress', 'completed', 'cancelled'))"
            ),
            SQL("CONSTRAINT tasks_importance_check CHECK (importance BETWEEN 1 AND 10)"),
            SQL("CONSTRAINT tasks_confidence_check CHECK (confidence BETWEEN 1 AND 10)"),
        )
        extra_sql = (
            """
        CREATE FUNCTION tasks_agree() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            before tasks := CASE WHEN TG_OP = 'UPDATE' THEN OLD END;
        BEGIN
            IF NEW.status IS NOT DISTINCT FROM coalesce(before.status, 'pending')
                AND NEW.is_completed IS DISTINCT FROM coalesce(before.is_completed, false)
            THEN
                NEW.status := CASE WHEN NEW.is_completed THEN 'completed' ELSE 'pending' END;
            END IF;
            NEW.is_completed := NEW.status = 'completed';
            NEW.completed_at := CASE WHEN NEW.is_completed
                THEN coalesce(NEW.completed_at, now()) END;
            RETURN NEW;
        END $$
            """,
            """
        CREATE TRIGGER tasks_agree BEFORE INSERT OR UPDATE ON tasks
        FOR EACH ROW WHEN (NEW.is_completed IS NOT NULL) EXECUTE FUNCTION tasks_agree()
            """,
        )


stamp_updates(Task)
for _name, _columns in (("user_id", "user_id"), ("user_completed", "user_id, is_completed")):
    Task.add_index(SQL(f"CREATE INDEX idx_tasks_{_name} ON tasks ({_columns})"))


class Goal(BaseModel):
    """What a user wants: goals with a title, and one row without, the answers to the coach."""

    id = uuid_key()
    user = foreign_key(User, "goals_user_id_users_id_fk", backref="goals")
    title = TextField(null=True)
    description = TextField(null=True)
    created_at = TimestampTZ(constraints=[NOW])
    updated_at = TimestampTZ(constraints=[NOW])
    what_matters = TextField(null=True)
    biggest_win = TextField(null=True)
    worst_outcome = TextField(null=True)

    created_at_unix = unix_seconds("created_at")
    updated_at_unix = unix_seconds("updated_at")

    class Meta:
        """Read whenever the user is coached."""

        table_name = "goals"
        only_save_dirty = True


stamp_updates(Goal)
Goal.add_index(SQL("CREATE INDEX idx_goals_user ON goals (user_id)"))
Goal.add_index(
    SQL("CREATE UNIQUE INDEX goals_answers_unique ON goals (user_id) WHERE title IS NULL")
)


class CoachingInteraction(BaseModel):
    """One question and its answer. `latency` is milliseconds, `cost` US dollars."""

    id = uuid_key()
    user = foreign_key(
        User, "coaching_interactions_user_id_users_id_fk", backref="coaching_interactions"
    )
    task = foreign_key(
        Task,
        "coaching_interactions_task_id_tasks_id_fk",
        "SET NULL",
        backref="coaching_interactions",
        null=True,
    )
    prompt = TextField()
    response = TextField()
    created_at = TimestampTZ(constraints=[NOW])
    question_hash = CharField(64, null=True)
    latency = IntegerField(null=True)
    token_count = BinaryJSONField(index=False, null=True)
    cost = DecimalField(10, 6, null=True)
    cache_hit = BooleanField(constraints=[server_default("false")])

    created_at_unix = unix_seconds("created_at")

    class Meta:
        """Kept when the task goes, gone when the user goes."""

        table_name = "coaching_interactions"
        constraints = (
            SQL("CONSTRAINT coaching_interactions_range_check CHECK (latency >= 0 AND cost >= 0)"),
        )


for _name in ("user", "task"):
    CoachingInteraction.add_index(
        SQL(f"CREATE INDEX idx_coaching_interactions_{_name} ON coaching_interactions ({_name}_id)")
    )


class CoachingCache(BaseModel):
    """A value until it expires. `question_hash` must cover all that the answer depends on."""

    id = uuid_key()
    key = TextField()
    value = BinaryJSONField(index=False)
    expires_at = TimestampTZ(constraints=[server_default("now() + interval '30 days'")])
    question_hash = CharField(64, null=True)
    response = TextField(null=True)
    hit_count = IntegerField(constraints=[server_default("1")])
    created_at = TimestampTZ(constraints=[NOW])
    updated_at = TimestampTZ(constraints=[NOW])

    created_at_unix = unix_seconds("created_at")
    updated_at_unix = unix_seconds("updated_at")
    expires_at_unix = unix_seconds("expires_at")

    class Meta:
        """A key has one value."""

        table_name = "coaching_cache"
        only_save_dirty = True
        constraints = (
            SQL("CONSTRAINT coaching_cache_key_unique UNIQUE (key)"),
            SQL("CONSTRAINT idx_coaching_cache_hash UNIQUE (question_hash)"),
            SQL("CONSTRAINT coaching_cache_hit_count_check CHECK (hit_count >= 0)"),
        )


stamp_updates(CoachingCache)
CoachingCache.add_index(
    SQL("CREATE INDEX idx_coaching_cache_expires ON coaching_cache (expires_at)")
)
