"""The web server behind a proxy. WEB_CONCURRENCY sets the number of processes (2)."""

import os

bind = os.environ.get("BIND", "0.0.0.0:8000")  # noqa: S104 - only the proxy's network reaches it
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
# In memory: on a slow disk the heartbeat file makes workers look dead.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108
timeout = 60
graceful_timeout = 30
# Slow leaks of libraries never grow old.
max_requests = 5000
max_requests_jitter = 500
# Each byte of a Thai letter takes three in an address: nine hundred letters instead of four hundred.
limit_request_line = 8190
accesslog = None
# Signals are enough, and a socket in someone's home folder is a surprise.
control_socket_disable = True
errorlog = "-"
