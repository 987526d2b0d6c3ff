"""`python -m reportgen`."""

from reportgen.cli import main

if __name__ == "__main__":  # a spawned worker imports this module and must not run it
    main()
