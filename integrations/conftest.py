"""What the tests of all folders share."""

import pytest
from desk import Desk
from service import Service

# Tests that are imported from there say what they compared, as those of a test file do.
pytest.register_assert_rewrite("any_proxy", "any_backend")


@pytest.fixture(scope="session")
def desk(tmp_path_factory):
    desk = Desk(tmp_path_factory.mktemp("desk"))
    try:
        desk.start()
        yield desk
    finally:
        desk.stop()


@pytest.fixture(scope="module")
def service():
    service = Service().start()
    yield service
    service.stop()


@pytest.fixture
def recorder():
    """In Latchkey's place: remembers what it is asked, and answers as it is told."""
    recorder = Service().start()
    recorder.answer = (200, {"Remote-User": "tia"})
    yield recorder
    recorder.stop()
