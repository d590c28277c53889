import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.stream.Collectors;

/** What a Java program knows of its request. Usage: java Who.java PORT */
public class Who {
    public static void main(String[] arguments) throws Exception {
        var address = new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0]));
        var server = HttpServer.create(address, 0);
        server.createContext("/", exchange -> {
            var body = exchange.getRequestHeaders().entrySet().stream()
                .map(header -> quoted(header.getKey()) + ":"
                    + quoted(String.join(",", header.getValue())))
                .collect(Collectors.joining(",", "{", "}")).getBytes();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
