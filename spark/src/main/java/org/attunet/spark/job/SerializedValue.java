package org.attunet.spark.job;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.UncheckedIOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * A value as bytes of Java's own serialization. Spark carries bytes by whatever serializer a cluster is configured for; Kryo
 * for one knows neither records nor unmodifiable lists.
 *
 * @param <T> the value's type, whose values can be serialized
 */
public record SerializedValue<T>(byte[] bytes) {
    /** Packs a value that is compressed already, or small. */
    public static <T> SerializedValue<T> of(T value) {
        return of(value, Deflater.NO_COMPRESSION);
    }

    /** Packs a value and compresses it, for what is kept in memory by the thousand. */
    public static <T> SerializedValue<T> squeezed(T value) {
        return of(value, Deflater.BEST_SPEED);
    }

    private static <T> SerializedValue<T> of(T value, int level) {
        var bytes = new ByteArrayOutputStream();
        var deflater = new Deflater(level);
        try (var out = new ObjectOutputStream(new DeflaterOutputStream(bytes, deflater))) {
            out.writeObject(value);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end(); // whose natives the collector doesn't see
        }
        return new SerializedValue<>(bytes.toByteArray());
    }

    /** The value again. */
    @SuppressWarnings("unchecked") // it is what was packed
    public T value() {
        try (var in = new ObjectInputStream(new InflaterInputStream(new ByteArrayInputStream(bytes)))) {
            return (T) in.readObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("attunet's jars differ between the machines of the cluster", e);
        }
    }
}
