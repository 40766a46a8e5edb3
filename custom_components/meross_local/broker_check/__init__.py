"""A check of a broker as a plug uses it, before any plug is changed."""
