package org.attunet.server.inference;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.attunet.bundle.Bundle;
import org.attunet.image.Grid;
import org.attunet.image.Image;
import org.attunet.predict.Segmentation;
import org.attunet.predict.Segmenter;
import org.attunet.server.LiveServer;
import org.attunet.server.TestConfig;
import org.attunet.server.work.ServedModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped models return the same results over the protocol as in this process. */
class ShippedModelsInferTest {
    @TempDir
    private static Path folder;

    private static LiveServer server;
    private static Segmenter nuclei;
    private static Segmenter hippocampus;

    @BeforeAll
    static void start() {
        nuclei = Segmenter.open(LiveServer.MODELS.resolve("nuclei.zip"));
        hippocampus = Segmenter.open(LiveServer.MODELS.resolve("hippocampus.zip"));
        server = new TestConfig(folder).serve(List.of(served("nuclei"), served("hippocampus")));
    }

    private static ServedModel served(String name) {
        Path file = LiveServer.MODELS.resolve(name + ".zip");
        return ServedModel.of(name, Segmenter.open(file), Bundle.open(file));
    }

    @AfterAll
    static void stop() {
        server.close();
        nuclei.close();
        hippocampus.close();
    }

    @Test
    void a_picture_in_json_is_segmented_as_in_this_process() throws Exception {
        Image picture = nucleus(Grid.of(37, 29), 1, 11);
        Reply reply = Reply.post(server, "nuclei", json(picture, "FP32", null, true));
        assertThat(reply.status()).as(reply.error()).isEqualTo(200);
        assertThat(reply.output("labels").path("shape")).hasToString("[1,29,37]");
        assertSame(reply, 0, nuclei, picture);
    }

    @Test
    void pictures_of_one_and_of_all_channels_are_taken_and_come_back_in_their_order() throws Exception {
        int channels = nuclei.model().shape().channels();
        Grid grid = Grid.of(20, 16);
        Image first = nucleus(grid, channels, 6);
        Image second = nucleus(grid, channels, 3);
        ByteBuffer bytes = ByteBuffer.allocate(2 * channels * 320);
        for (Image image : new Image[] {first, second}) {
            for (float[] channel : image.channels()) {
                for (float value : channel) {
                    bytes.put((byte) (int) value);
                }
            }
        }
        ObjectNode request = request("[2," + channels + ",16,20]", "UINT8", null);
        binary(request, bytes.capacity());
        Reply reply = Reply.post(server, "nuclei", request.toString(), bytes.array());
        assertThat(reply.status()).as(reply.error()).isEqualTo(200);
        assertSame(reply, 0, nuclei, first);
        assertSame(reply, 1, nuclei, second);
        Image grey = nucleus(grid, 1, 6);
        assertSame(Reply.post(server, "nuclei", json(grey, "UINT8", null, false)), 0, nuclei, grey);
    }

    @Test
    void a_volume_is_segmented_as_in_this_process_with_the_spacing_that_is_declared() throws Exception {
        Grid grid = Grid.of(new int[] {21, 19, 17}, new double[] {1, 1.5, 2});
        Image volume = nucleus(grid, 1, 7);
        Reply inJson = Reply.post(server, "hippocampus", json(volume, "INT16", "1,1.5,2", true));
        assertThat(inJson.status()).as(inJson.error()).isEqualTo(200);
        assertThat(inJson.output("labels").path("shape")).hasToString("[1,17,19,21]");
        assertSame(inJson, 0, hippocampus, volume);

        ByteBuffer bytes = ByteBuffer.allocate(8 * grid.voxels()).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : volume.channel(0)) {
            bytes.putDouble(value);
        }
        ObjectNode request = request("[1,1,17,19,21]", "FP64", "1,1.5,2");
        binary(request, bytes.capacity());
        request.withObject("/parameters").put("binary_data_output", true);
        Reply inBinary = Reply.post(server, "hippocampus", request.toString(), bytes.array());
        assertSame(inBinary, 0, hippocampus, volume);
    }

    @Test
    void a_volume_is_segmented_slice_by_slice_by_a_model_of_planes() throws Exception {
        Image volume = nucleus(Grid.of(16, 16, 3), 1, 5);
        Reply reply = Reply.post(server, "nuclei", json(volume, "INT32", null, false));
        assertThat(reply.output("labels").path("shape")).hasToString("[1,3,16,16]");
        assertSame(reply, 0, nuclei, volume);
    }

    private static void assertSame(Reply reply, int item, Segmenter segmenter, Image image) {
        Segmentation expected = segmenter.segment(
                image, segmenter.options().withProbabilities(true).withAttention(true));
        int voxels = image.grid().voxels();
        same(
                reply.values("labels"),
                item * voxels,
                voxels,
                i -> expected.labels().label(i));
        assertThat((float) reply.values("confidence")[item])
                .isEqualTo((float) expected.confidence().orElse(-1));
        same(reply, "probabilities", item, expected.probabilities());
        assertThat(expected.attention()).isNotEmpty();
        expected.attention().forEach((gate, map) -> same(reply, "attention_" + gate, item, map));
    }

    private static void same(Reply reply, String name, int item, Image maps) {
        double[] found = reply.values(name);
        int voxels = maps.grid().voxels();
        int channels = maps.channels().length;
        assertThat(reply.output(name).path("shape").get(1).asInt()).isEqualTo(channels);
        for (int c = 0; c < channels; c++) {
            float[] map = maps.channel(c);
            same(found, (item * channels + c) * voxels, voxels, i -> map[i]);
        }
    }

    private static void same(double[] found, int start, int count, IntToDoubleFunction expected) {
        for (int i = 0; i < count; i++) {
            assertThat((float) found[start + i]).isEqualTo((float) expected.applyAsDouble(i));
        }
    }

    /** A bright ball of whole numbers from 0 to 255 somewhere in noise. */
    private static Image nucleus(Grid grid, int channels, double radius) {
        var random = new Random(5);
        float[][] values = new float[channels][grid.voxels()];
        for (float[] channel : values) {
            for (int i = 0; i < channel.length; i++) {
                int x = i % grid.size(0) - grid.size(0) / 2;
                int y = i / grid.size(0) % grid.size(1) - grid.size(1) / 2;
                int z = i / grid.size(0) / grid.size(1) - grid.size(2) / 2;
                channel[i] = random.nextInt(20) + (x * x + y * y + z * z < radius * radius ? 120 : 5);
            }
        }
        return new Image(grid, values);
    }

    private static ObjectNode request(String shape, String datatype, String spacing) throws Exception {
        ObjectNode request = JsonNodeFactory.instance.objectNode();
        ObjectNode input = request.putArray("inputs").addObject();
        input.put("name", "image").put("datatype", datatype);
        input.set("shape", new ObjectMapper().readTree(shape));
        if (spacing != null) {
            request.putObject("parameters").put("spacing", spacing);
        }
        return request;
    }

    private static void binary(ObjectNode request, int size) {
        ((ObjectNode) request.path("inputs").get(0)).putObject("parameters").put("binary_data_size", size);
    }

    /** An image of one channel, its rows nested or not. */
    private static String json(Image image, String datatype, String spacing, boolean nested) throws Exception {
        int[] size = image.grid().size();
        var shape = new StringBuilder("[1,1");
        for (int axis = size.length - 1; axis >= 0; axis--) {
            shape.append(',').append(size[axis]);
        }
        ObjectNode request = request(shape + "]", datatype, spacing);
        ArrayNode data = ((ObjectNode) request.path("inputs").get(0)).putArray("data");
        if (nested) {
            ArrayNode channel = data.addArray().addArray();
            nest(image, size.length - 1, 0, channel, datatype);
        } else {
            for (float value : image.channel(0)) {
                data.add((int) value);
            }
        }
        return request.toString();
    }

    private static void nest(Image image, int axis, int from, ArrayNode to, String datatype) {
        int stride = 1;
        for (int other = 0; other < axis; other++) {
            stride *= image.grid().size(other);
        }
        for (int k = 0; k < image.grid().size(axis); k++) {
            float value = image.channel(0)[from + k * stride];
            if (axis > 0) {
                nest(image, axis - 1, from + k * stride, to.addArray(), datatype);
            } else if (datatype.startsWith("FP")) {
                to.add(value);
            } else {
                to.add((int) value);
            }
        }
    }
}
