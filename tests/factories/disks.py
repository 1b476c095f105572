"""Places for files that have no room."""

from pathlib import Path

from django.core.files.storage import FileSystemStorage


class FullStorage(FileSystemStorage):
    """Writes half of a file where it belongs, and the rest where the kernel has no room."""

    def _save(self, name, content):
        data, path = content.read(), Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data[: len(data) // 2])
        with open("/dev/full", "wb", buffering=0) as full:
            full.write(data)
        return name
