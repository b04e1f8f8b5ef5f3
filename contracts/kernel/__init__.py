"""What every feature needs: money, dates, ids, errors, the database, the unit of work. Knows no feature."""
