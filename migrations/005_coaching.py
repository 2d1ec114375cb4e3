"""Coaching: refresh tokens, tasks, goals, interactions, the cache."""


def migrate(migrator, database, *, fake=False):
    migrator.sql("""
        CREATE TABLE refresh_tokens (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            user_id uuid NOT NULL,
            token varchar(500) NOT NULL,
            expires_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            family_id uuid NOT NULL DEFAULT gen_random_uuid(),
            parent_id uuid,
            used_at timestamptz,
            revoked_at timestamptz,
            family_expires_at timestamptz,
            CONSTRAINT refresh_tokens_user_id_users_id_fk
                FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT refresh_tokens_parent_id_refresh_tokens_id_fk
                FOREIGN KEY (parent_id) REFERENCES refresh_tokens (id) ON DELETE SET NULL,
            CONSTRAINT idx_refresh_tokens_token UNIQUE (token)
        )
    """)
    migrator.sql("CREATE INDEX idx_refresh_tokens_user ON refresh_tokens (user_id)")
    migrator.sql("CREATE INDEX idx_refresh_tokens_family ON refresh_tokens (family_id)")
    migrator.sql("CREATE INDEX idx_refresh_tokens_parent ON refresh_tokens (parent_id)")
    migrator.sql("CREATE INDEX idx_refresh_tokens_expires ON refresh_tokens (expires_at)")
    migrator.sql("""
        CREATE TABLE tasks (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            user_id uuid NOT NULL,
            title text NOT NULL,
            status text NOT NULL DEFAULT 'pending',
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            text varchar(500),
            importance integer,
            confidence integer,
            is_completed boolean NOT NULL DEFAULT false,
            completed_at timestamptz,
            CONSTRAINT tasks_user_id_users_id_fk
                FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT tasks_status_check CHECK (
                status IN ('pending', 'in_progress', 'completed', 'cancelled')),
            CONSTRAINT tasks_importance_check CHECK (importance BETWEEN 1 AND 10),
            CONSTRAINT tasks_confidence_check CHECK (confidence BETWEEN 1 AND 10)
        )
    """)
    migrator.sql("CREATE INDEX idx_tasks_user_id ON tasks (user_id)")
    migrator.sql("CREATE INDEX idx_tasks_user_completed ON tasks (user_id, is_completed)")
    # One of the two documents that describe a task reads and writes its status, the other its flag.
    migrator.sql("""
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
    """)
    migrator.sql("""
        CREATE TRIGGER tasks_agree BEFORE INSERT OR UPDATE ON tasks
        FOR EACH ROW WHEN (NEW.is_completed IS NOT NULL) EXECUTE FUNCTION tasks_agree()
    """)
    migrator.sql("""
        CREATE TABLE goals (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            user_id uuid NOT NULL,
            title text,
            description text,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            what_matters text,
            biggest_win text,
            worst_outcome text,
            CONSTRAINT goals_user_id_users_id_fk
                FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
        )
    """)
    migrator.sql("CREATE INDEX idx_goals_user ON goals (user_id)")
    migrator.sql("CREATE UNIQUE INDEX goals_answers_unique ON goals (user_id) WHERE title IS NULL")
    migrator.sql("""
        CREATE TABLE coaching_interactions (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            user_id uuid NOT NULL,
            task_id uuid,
            prompt text NOT NULL,
            response text NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            question_hash varchar(64),
            latency integer,
            token_count jsonb,
            cost numeric(10, 6),
            cache_hit boolean NOT NULL DEFAULT false,
            CONSTRAINT coaching_interactions_user_id_users_id_fk
                FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
            CONSTRAINT coaching_interactions_task_id_tasks_id_fk
                FOREIGN KEY (task_id) REFERENCES tasks (id) ON DELETE SET NULL,
            CONSTRAINT coaching_interactions_range_check CHECK (latency >= 0 AND cost >= 0)
        )
    """)
    migrator.sql("CREATE INDEX idx_coaching_interactions_user ON coaching_interactions (user_id)")
    migrator.sql("CREATE INDEX idx_coaching_interactions_task ON coaching_interactions (task_id)")
    migrator.sql("""
        CREATE TABLE coaching_cache (
            id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(),
            key text NOT NULL,
            value jsonb NOT NULL,
            expires_at timestamptz NOT NULL DEFAULT now() + interval '30 days',
            question_hash varchar(64),
            response text,
            hit_count integer NOT NULL DEFAULT 1,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT coaching_cache_key_unique UNIQUE (key),
            CONSTRAINT idx_coaching_cache_hash UNIQUE (question_hash),
            CONSTRAINT coaching_cache_hit_count_check CHECK (hit_count >= 0)
        )
    """)
    migrator.sql("CREATE INDEX idx_coaching_cache_expires ON coaching_cache (expires_at)")
    for table in ("tasks", "goals", "coaching_cache"):
        migrator.sql(f"""
            CREATE TRIGGER {table}_updated BEFORE UPDATE ON {table} FOR EACH ROW
            WHEN (OLD.updated_at = NEW.updated_at AND OLD IS DISTINCT FROM NEW)
            EXECUTE FUNCTION set_updated_at()
        """)


def rollback(migrator, database, *, fake=False):
    migrator.sql("DROP TABLE coaching_cache, coaching_interactions, goals, tasks, refresh_tokens")
    migrator.sql("DROP FUNCTION tasks_agree()")
