"""The schema commands, each callable from Python, and what they share.

- Commands: `generate` (`online`, `renames`, `consent`), `squash`, `migrate`, `check`, `lint`,
  `push`, `pull`, `seed`, `drop`, `up`.
- Schemas: `catalog` reads one, `from_models` makes the one that models describe, `drift` compares
  two, `plan` finds the way from one to the other.
- Files: `files` finds them, `render` writes their text, `reading` tells what they would do, and
  `history` which of them one file stands for. `router` runs them, `replay` in a `shadow`.
- Servers: `lock` lets one process at a time in; `pooler` and `remote` tell what to keep away from.
- `validate`: what a table takes, for whoever writes rows.

Migration files import `concurrently`, and `migrations/conf.py` imports `pw_migrate`.
"""
