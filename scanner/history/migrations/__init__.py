"""The schema's revisions, in `versions`. A new one is a module there, its id added to `tables.REVISIONS`."""
