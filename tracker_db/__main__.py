"""`python -m tracker_db` is `tracker`."""

from tracker_db.cli import main

if __name__ == "__main__":
    main()
