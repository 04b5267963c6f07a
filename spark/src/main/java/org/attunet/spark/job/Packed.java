package org.attunet.spark.job;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;

/**
 * A value as bytes of Java's own serialization. Spark carries bytes by whatever serializer a cluster is configured for; Kryo
 * for one knows neither records nor unmodifiable lists.
 *
 * @param <T> the value's type, whose values can be serialized
 */
public record Packed<T>(byte[] bytes) {
    /** Packs a value. */
    public static <T> Packed<T> of(T value) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new ObjectOutputStream(bytes)) {
            out.writeObject(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Packed<>(bytes.toByteArray());
    }

    /** The value again. */
    @SuppressWarnings("unchecked") // it is what was packed
    public T value() {
        try (var in = new ObjectInputStream(new ByteArrayInputStream(bytes))) {
            return (T) in.readObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("attunet's jars differ between the machines of the cluster", e);
        }
    }
}
