package org.attunet.server.work;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.attunet.error.AttunetException;
import org.attunet.error.ConfigException;

/** The models of a server, in the order given. Immutable and thread-safe. */
public final class ServedModels implements AutoCloseable {
    private final Map<String, ServedModel> byName = new LinkedHashMap<>();

    /**
     * Takes ownership of the models.
     *
     * @throws AttunetException if there is none, or two have one name
     */
    public ServedModels(List<ServedModel> models) {
        for (ServedModel model : models) {
            if (byName.put(model.name(), model) != null) {
                throw new AttunetException(
                        "models", "two are called " + model.name(), "names that differ", "name them as NAME=PATH");
            }
        }
        if (byName.isEmpty()) {
            throw new ConfigException("models", 0, "1 model or more");
        }
    }

    /** Returns all models. */
    public List<ServedModel> all() {
        return List.copyOf(byName.values());
    }

    /** Returns the model of a name. */
    public Optional<ServedModel> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    @Override
    public void close() {
        byName.values().forEach(ServedModel::close);
    }
}
