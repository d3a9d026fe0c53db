"""What do we remember? Tables, migrations, queries; the only place where SQLite and PostgreSQL differ."""
