"""What would we promise: the page for somebody with a customer on the phone, and the item field's answers."""
