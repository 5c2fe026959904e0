"""The first page: each role is sent to the page it works on."""
