# Python imports this when it starts, as PYTHONPATH leads here: debugpy listens before the runtime's own code runs.
import importlib.machinery
import importlib.util
import os
import sys
import traceback

here = os.path.dirname(__file__)
sys.path.remove(here)
others = [path for path in os.environ.pop('PYTHONPATH').split(':') if path != here]
if others:
    os.environ['PYTHONPATH'] = ':'.join(others)
port = int(os.environ.pop('POSTERN_DEBUG_PORT'))
wait = os.environ.pop('POSTERN_DEBUG_WAIT', '')

# Where functions bring packages along; the runtime adds these to the path later.
found = sys.path[:]
sys.path += ['/var/task', '/opt/python/lib/python%d.%d/site-packages' % sys.version_info[:2], '/opt/python']
os.environ['PYDEVD_DISABLE_FILE_VALIDATION'] = '1'  # no warning that the standard library is frozen
try:
    import debugpy
    debugpy.listen(('0.0.0.0', port))
    if wait:
        debugpy.wait_for_client()
except ImportError as e:
    print(f'postern: import debugpy: {e}', file=sys.stderr, flush=True)
    os._exit(1)
except BaseException:  # which Python would go on after
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)
finally:
    sys.path[:] = found
    del os.environ['PYDEVD_DISABLE_FILE_VALIDATION']

# The image may have one of these, too.
own = importlib.machinery.PathFinder.find_spec(__name__)
if own:
    own.loader.exec_module(importlib.util.module_from_spec(own))
