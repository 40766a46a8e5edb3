"""Run a real broker, Home Assistant and browser, each as a process of its own."""
