package org.attunet.io;

import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import org.attunet.error.AttunetException;
import org.attunet.io.StackDescription.Values;
import org.jspecify.annotations.Nullable;

/**
 * The XML by which OME-TIFF files say which page is which channel and slice. Source: OME data model 2016-06, "OME-TIFF
 * specification".
 */
final class OmeDescription {
    private final Path file;
    private final XMLStreamReader xml;
    private final List<Block> blocks = new ArrayList<>();
    private final Set<String> files = new HashSet<>();
    private int images;
    private int sizeX;
    private int sizeY;
    private int sizeZ = 1;
    private int sizeC = 1;
    private int sizeT = 1;
    private int samples = 1;
    private String order = "XYZCT";
    private @Nullable PixelSize size;

    /** Consecutive planes on consecutive pages; -1 for what isn't given. */
    private record Block(int page, int firstZ, int firstC, int firstT, int count) {}

    private OmeDescription(Path file, XMLStreamReader xml) {
        this.file = file;
        this.xml = xml;
    }

    /** Whether a page's description is such a text. */
    static boolean isIn(String text) {
        String start = text.substring(0, Math.min(text.length(), 4096)).stripLeading();
        return start.startsWith("<ome:OME") || (start.startsWith("<") && start.contains("<OME"));
    }

    /**
     * Reads the description.
     *
     * @param pages of the file
     * @throws AttunetException if the file is part of a set, holds several images or time points, or contradicts itself
     */
    static StackDescription read(Path file, String text, int pages, TiffSamples page) {
        XMLInputFactory factory = XMLInputFactory.newInstance();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        OmeDescription ome;
        try {
            ome = new OmeDescription(file, factory.createXMLStreamReader(new StringReader(text.strip())));
            ome.parse();
        } catch (XMLStreamException e) {
            String where = "line " + e.getLocation().getLineNumber();
            throw StackDescription.contradiction(file, "its OME-XML can't be parsed (" + where + ")");
        }
        return ome.description(pages, page);
    }

    private void parse() throws XMLStreamException {
        while (xml.hasNext()) {
            if (xml.next() != XMLStreamConstants.START_ELEMENT) {
                continue;
            }
            switch (xml.getLocalName()) {
                case "Image" -> images++;
                case "Pixels" -> parsePixels();
                case "Channel" -> samples = number("SamplesPerPixel", samples);
                case "TiffData" ->
                    blocks.add(new Block(
                            number("IFD", -1),
                            number("FirstZ", 0),
                            number("FirstC", 0),
                            number("FirstT", 0),
                            number("PlaneCount", -1)));
                case "UUID" -> addFile();
                case "BinaryOnly" -> throw set("its description is in another file, " + attribute("MetadataFile", ""));
                default -> {}
            }
        }
    }

    private void parsePixels() {
        sizeX = number("SizeX", 0);
        sizeY = number("SizeY", 0);
        sizeZ = number("SizeZ", 1);
        sizeC = number("SizeC", 1);
        sizeT = number("SizeT", 1);
        order = attribute("DimensionOrder", order);
        double x = length("X");
        double y = length("Y");
        double z = length("Z");
        size = PixelSize.of(x, y, z, "mm");
    }

    /** The physical size along an axis in mm; NaN if there is none. */
    private double length(String axis) {
        String unit = attribute("PhysicalSize" + axis + "Unit", "µm");
        String value = attribute("PhysicalSize" + axis, "");
        double number;
        try {
            number = value.isEmpty() ? Double.NaN : Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw StackDescription.contradiction(file, "its OME-XML says PhysicalSize" + axis + "=\"" + value + "\"");
        }
        PixelSize length = PixelSize.of(number, number, Double.NaN, unit);
        return length == null ? Double.NaN : length.unit().toMillimetres(length.x());
    }

    private void addFile() {
        String name = attribute("FileName", "");
        if (!name.isEmpty()) {
            files.add(name);
        }
    }

    private String attribute(String name, String absent) {
        String value = xml.getAttributeValue(null, name);
        return value == null ? absent : value.strip();
    }

    private int number(String name, int absent) {
        String value = attribute(name, "");
        if (value.isEmpty()) {
            return absent;
        }
        if (!value.matches("\\d{1,9}")) {
            throw StackDescription.contradiction(file, "its OME-XML says " + name + "=\"" + value + "\"");
        }
        return Integer.parseInt(value);
    }

    private StackDescription description(int pages, TiffSamples page) {
        if (images > 1) {
            throw new AttunetException(
                    file, "it holds " + images + " images (series)", "one", "save the image that is meant as a file");
        }
        if (files.size() > 1) {
            throw set("it is one of " + files.size() + " files of an image");
        }
        if (sizeX != page.width() || sizeY != page.height()) {
            String sizes = sizeX + " x " + sizeY + " pixels, its pages have " + page.width() + " x " + page.height();
            throw StackDescription.contradiction(file, "its OME-XML says " + sizes);
        }
        if (sizeZ < 1 || sizeC < 1 || sizeT < 1 || samples < 1 || sizeC % samples != 0) {
            String sizes = "SizeZ " + sizeZ + ", SizeC " + sizeC + ", SizeT " + sizeT + ", SamplesPerPixel " + samples;
            throw StackDescription.contradiction(file, "its OME-XML says " + sizes);
        }
        if (samples > 1 && samples != page.samples()) {
            String found = "SamplesPerPixel " + samples + ", its pages have " + page.samples();
            throw StackDescription.contradiction(file, "its OME-XML says " + found);
        }
        StackDescription.requireOneTime(file, sizeT);
        int channels = sizeC / samples;
        if ((long) channels * sizeZ > pages) {
            throw set("its OME-XML describes " + (long) channels * sizeZ + " planes, it has " + pages
                    + (pages == 1 ? " page" : " pages"));
        }
        return new StackDescription(channels, sizeZ, planes(pages, channels), Values.PLAIN, size);
    }

    /** The page of each channel of each slice. */
    private int[] planes(int pages, int channels) {
        int[] planes = new int[channels * sizeZ];
        Arrays.fill(planes, -1);
        boolean channelsFirst = order.indexOf('C') < order.indexOf('Z');
        for (Block block : blocks.isEmpty() ? List.of(new Block(-1, 0, 0, 0, -1)) : blocks) {
            int z = block.firstZ;
            int c = block.firstC;
            int page = Math.max(0, block.page);
            int count = block.count >= 0 ? block.count : block.page >= 0 ? 1 : pages;
            for (int k = 0; k < count && z < sizeZ && c < channels; k++, page++) {
                if (planes[z * channels + c] >= 0) {
                    throw StackDescription.contradiction(file, "its OME-XML describes a plane twice");
                }
                planes[z * channels + c] = page;
                boolean carries = channelsFirst ? ++c == channels : ++z == sizeZ;
                if (carries && channelsFirst) {
                    c = 0;
                    z++;
                } else if (carries) {
                    z = 0;
                    c++;
                }
            }
        }
        int missing = (int)
                Arrays.stream(planes).filter(page -> page < 0 || page >= pages).count();
        if (missing > 0) {
            throw set("its OME-XML describes " + planes.length + " planes, of which " + missing + " aren't among its "
                    + pages + (pages == 1 ? " page" : " pages"));
        }
        return planes;
    }

    private AttunetException set(String found) {
        return new AttunetException(
                file,
                found,
                "an image in one file",
                "save it as one file, for instance by Fiji's Bio-Formats exporter or bfconvert");
    }
}
