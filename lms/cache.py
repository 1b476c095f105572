"""The shared cache: a help, never a need."""

import logging
import time
from functools import wraps

from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger("sala.cache")

# Seconds during which a Redis that did not answer is not asked again.
LEFT_ALONE = 5


def or_else(instead):
    """Without Redis the method gives `instead(self, *args)`, and nothing is remembered."""

    def decorate(name):
        method = getattr(RedisCache, name)

        @wraps(method)
        def careful(self, *args, **kwargs):
            if time.monotonic() < self.away_until:
                return instead(*args, **kwargs)
            try:
                return method(self, *args, **kwargs)
            except (RedisError, OSError):
                self.away_until = time.monotonic() + LEFT_ALONE
                logger.exception("Redis does not answer; going on without a cache")
                return instead(*args, **kwargs)

        return careful

    return decorate


class ForgivingRedisCache(RedisCache):
    """Redis may be stopped, restarted or emptied: pages are slower then and nothing else changes.

    Counters that slow down guessing begin anew meanwhile.
    """

    away_until = 0.0

    get = or_else(lambda key, default=None, version=None: default)("get")
    get_many = or_else(lambda keys, version=None: {})("get_many")
    has_key = or_else(lambda key, version=None: False)("has_key")
    add = or_else(lambda *args, **kwargs: True)("add")
    set = or_else(lambda *args, **kwargs: None)("set")
    set_many = or_else(lambda *args, **kwargs: [])("set_many")
    touch = or_else(lambda *args, **kwargs: False)("touch")
    delete = or_else(lambda *args, **kwargs: False)("delete")
    delete_many = or_else(lambda *args, **kwargs: None)("delete_many")
    incr = or_else(lambda key, delta=1, version=None: delta)("incr")
    clear = or_else(lambda *args, **kwargs: False)("clear")
