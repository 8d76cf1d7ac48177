"""The words of the field: truth, resource, inventory, judgement."""
