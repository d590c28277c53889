"""A proxy of the tests' own with the lines of integrations/README.md in it."""

import sys
import textwrap
from pathlib import Path

from asking import ask
from processes import free_port, listens, start, stop, wait_until

README = Path(__file__).resolve().parents[2] / "README.md"
# Where the packages of requirements.txt have put the programs.
PROGRAMS = Path(sys.executable).parent


def documented(name, latchkey):
    """What is to be written down for this proxy, with Latchkey's address."""
    text = README.read_text().split(f"**{name}**")[1].split("```yaml\n")[1].split("```")[0]
    assert "http://127.0.0.1:3000" in text
    return text.replace("127.0.0.1:3000", latchkey)


class OtherProxy:
    """Listens at `port` and passes on to `service` what `latchkey` lets in; both are addresses."""

    def __init__(self, folder, latchkey, service):
        folder.mkdir(exist_ok=True)
        self.port = free_port()
        self.folder = folder
        self._process = None
        self.command = self.configured(latchkey, service)

    def configured(self, latchkey, service):
        """Writes its files and gives the command."""
        raise NotImplementedError

    def start(self):
        with open(self.folder / "proxy.log", "w") as log:
            self._process = start(
                [PROGRAMS / self.command[0], *self.command[1:]],
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        # Traefik listens before it has read what is behind it.
        wait_until(
            lambda: listens(self.port) and ask(self.port).status != 404,
            f"{self.command[0]} (see {log.name})",
            self._process,
        )
        return self

    def stop(self):
        if self._process is not None:
            stop(self._process)

    def logs(self):
        return (self.folder / "proxy.log").read_text()


class Traefik(OtherProxy):
    rule = "PathPrefix(`/`)"

    def configured(self, latchkey, service):
        router = f"""
            routers:
              app:
                rule: "{self.rule}"
                entryPoints: [web]
                middlewares: [latchkey, no-token]
                service: app
            services:
              app: {{ loadBalancer: {{ servers: [{{ url: "http://{service}" }}] }} }}
            """
        (self.folder / "app.yaml").write_text(
            documented("Traefik", latchkey)
            + textwrap.indent(textwrap.dedent(router).strip(), "  ")
            + "\n"
        )
        settings = f"""
            entryPoints: {{ web: {{ address: "127.0.0.1:{self.port}" }} }}
            providers: {{ file: {{ filename: {self.folder}/app.yaml }} }}
            global: {{ checkNewVersion: false, sendAnonymousUsage: false }}
            log: {{ level: DEBUG }}
            accessLog: {{}}
            """
        (self.folder / "traefik.yaml").write_text(textwrap.dedent(settings))
        return ["traefik", f"--configFile={self.folder}/traefik.yaml"]


ENVOY = """
static_resources:
  listeners:
  - address: {{ socket_address: {{ address: 127.0.0.1, port_value: {port} }} }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: app
          use_remote_address: true
          access_log:
          - name: envoy.access_loggers.stdout
            typed_config: {{ "@type": type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog }}
          route_config:
            virtual_hosts:
            - name: app
              domains: ["*"]
              request_headers_to_remove: [authorization]
              routes: [{{ match: {{ prefix: "/" }}, route: {{ cluster: app }} }}]
          http_filters:
          - name: envoy.filters.http.ext_authz
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz
{documented}
          - name: envoy.filters.http.router
            typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }}
  clusters:
  - {{ name: latchkey, type: STATIC, load_assignment: {latchkey} }}
  - {{ name: app, type: STATIC, load_assignment: {service} }}
"""


class Envoy(OtherProxy):
    def configured(self, latchkey, service):
        documented_lines = textwrap.indent(documented("Envoy", latchkey), " " * 14)
        clusters = {"latchkey": assigned("latchkey", latchkey), "service": assigned("app", service)}
        (self.folder / "envoy.yaml").write_text(
            ENVOY.format(port=self.port, documented=documented_lines, **clusters)
        )
        # Alone on this machine, whatever else runs here.
        return [
            "envoy",
            "-c",
            self.folder / "envoy.yaml",
            "--use-dynamic-base-id",
            "--concurrency",
            "1",
            "-l",
            "info",
        ]


def assigned(name, address):
    host, _, port = address.partition(":")
    socket_address = f"{{ address: {host}, port_value: {port} }}"
    endpoint = f"{{ endpoint: {{ address: {{ socket_address: {socket_address} }} }} }}"
    return f"{{ cluster_name: {name}, endpoints: [{{ lb_endpoints: [{endpoint}] }}] }}"
