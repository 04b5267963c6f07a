package org.attunet.server;

import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/** The routes of a server, read from the server itself. */
final class Routes {
    private Routes() {}

    /** A method and a path with its parameters in braces. */
    record Route(String method, String path) {
        /** The response to this route without a body and with a word for each parameter. */
        HttpResponse<byte[]> ask(LiveServer server) {
            return server.send(
                    server.request(path.replaceAll("\\{[^}]*}|<[^>]*>", "x")).method(method, BodyPublishers.noBody()));
        }
    }

    /** All routes but those that every address has. */
    static List<Route> of(LiveServer server) {
        List<Route> routes = new ArrayList<>();
        server.routes().forEach(route -> {
            String method = route.substring(0, route.indexOf(' '));
            if (List.of("GET", "POST", "PUT", "DELETE").contains(method)) {
                routes.add(new Route(method, route.substring(route.indexOf(' ') + 1)));
            }
        });
        return routes;
    }
}
