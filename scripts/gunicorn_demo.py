"""The demo's web server: one process, four threads, this machine only. Ctrl-C ends it."""

import os

bind = f"127.0.0.1:{os.environ.get('PORT', '8000')}"
workers = 1
threads = 4
loglevel = "warning"
accesslog = None
limit_request_line = 8190
# Signals are enough, and a socket in someone's home folder is a surprise.
control_socket_disable = True
# Certificates and exports take a few seconds on a slow machine.
timeout = 120


def when_ready(server):
    print(f"\nSala is ready: http://{bind}/   (Ctrl-C ends it)\n", flush=True)
