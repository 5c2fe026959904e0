"""EasyPost: labels of many carriers through its API, and what carriers tell through its trackers."""
