"""What every page shows besides its own content."""
def site(request):
    return {}
