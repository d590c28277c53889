"""An operator's copy of a configuration file: the same, but for the values that README.md says to
change."""


def copied(source, target, changes=None):
    """Copies a file with some of its words changed, each of which must be in it."""
    text = source.read_text()
    for old, new in (changes or {}).items():
        assert old in text, f"{source.name} has no “{old}”"
        text = text.replace(old, new)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)
