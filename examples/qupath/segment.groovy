// Segments the selected annotations of QuPath's current image, or the whole image if none is selected, with a 2D model of
// attunet, and adds what it finds as detections or annotations.
//
// Before the first run, drag attunet_imagej.jar (docs/imagej.md) onto QuPath's window and restart QuPath, which needs Java 17
// or newer. Then set the model's path below and run the script in Automate > Script editor. Tried with the classes of QuPath 0.7.

import java.awt.image.BufferedImage
import java.nio.file.Path
import org.attunet.image.Grid
import org.attunet.image.Image
import org.attunet.image.LabelMap
import org.attunet.image.LengthUnit
import org.attunet.image.Outline
import org.attunet.picture.LabelColours
import org.attunet.predict.Segmenter
import org.locationtech.jts.geom.Coordinate
import qupath.lib.geom.Point2
import qupath.lib.objects.PathObject
import qupath.lib.objects.PathObjects
import qupath.lib.objects.classes.PathClass
import qupath.lib.regions.ImagePlane
import qupath.lib.regions.RegionRequest
import qupath.lib.roi.GeometryTools
import qupath.lib.roi.ROIs
import qupath.lib.roi.RectangleROI
import qupath.lib.scripting.QP

String model = System.getProperty("attunet.model", "/path/to/nuclei.zip")
double downsample = 1       // 2 reads the image at half its resolution
boolean annotations = false // adds annotations, not detections
long mostPixels = 100_000_000

def imageData = QP.getCurrentImageData()
def server = imageData.getServer()
def hierarchy = imageData.getHierarchy()

/** The pixels of a region with the pixel size that they have at this downsample, in all channels. */
Image read(BufferedImage picture, boolean rgb, calibration, double scaleX, double scaleY) {
    int[] size = [picture.width, picture.height]
    double[] micrometres = [calibration.pixelWidthMicrons * scaleX, calibration.pixelHeightMicrons * scaleY]
    Grid grid = calibration.hasPixelSizeMicrons()
            ? Grid.of(size, micrometres, LengthUnit.MICROMETRE)
            : Grid.ofPixels(size)
    def raster = picture.raster
    int bands = rgb ? 3 : raster.numBands
    float[][] channels = (0..<bands).collect { raster.getSamples(0, 0, size[0], size[1], it, (float[]) null) }
    if (rgb && bands > raster.numBands) {
        throw new IllegalStateException("the picture has ${raster.numBands} bands, not red, green and blue")
    }
    return new Image(grid, channels).requireFinite("the region")
}

/** The polygon of an outline in the coordinates of the full image. */
def polygon(Outline outline, ImagePlane plane, double x, double y, double scaleX, double scaleY) {
    def corners = { int[] ring ->
        (0..<ring.length).step(2).collect { [x + ring[it] * scaleX, y + ring[it + 1] * scaleY] }
    }
    if (outline.holes().isEmpty()) {
        return ROIs.createPolygonROI(corners(outline.exterior()).collect { new Point2(it[0], it[1]) }, plane)
    }
    def factory = GeometryTools.getDefaultFactory()
    def ring = { int[] one ->
        def all = corners(one).collect { new Coordinate(it[0], it[1]) }
        factory.createLinearRing((all + [all[0].copy()]) as Coordinate[])
    }
    def holes = outline.holes().collect { ring(it) } as org.locationtech.jts.geom.LinearRing[]
    return GeometryTools.geometryToROI(factory.createPolygon(ring(outline.exterior()), holes), plane)
}

/** Only what lies in the annotation, by the centres of pixels. */
LabelMap within(LabelMap labels, roi, double x, double y, double scaleX, double scaleY) {
    short[] voxels = labels.voxels().clone()
    int width = labels.grid().size(0)
    for (int i = 0; i < voxels.length; i++) {
        if (voxels[i] != 0 && !roi.contains(x + (i % width + 0.5) * scaleX, y + (i.intdiv(width) + 0.5) * scaleY)) {
            voxels[i] = 0
        }
    }
    return new LabelMap(labels.grid(), voxels)
}

def parents = hierarchy.selectionModel.selectedObjects.findAll { it.isAnnotation() && it.hasROI() && it.ROI.isArea() }
def jobs = parents.collect { [it, it.ROI] }
if (jobs.isEmpty()) {
    for (int t = 0; t < server.nTimepoints(); t++) {
        for (int z = 0; z < server.nZSlices(); z++) {
            def plane = ImagePlane.getPlane(z, t)
            jobs << [null, ROIs.createRectangleROI(0, 0, server.width, server.height, plane)]
        }
    }
}

try (Segmenter segmenter = Segmenter.open(Path.of(model))) {
    def labels = segmenter.model().labels()
    if (segmenter.model().shape().dimension() != 2) {
        throw new IllegalArgumentException("${model} segments volumes; give a 2D model")
    }
    for (def job : jobs) {
        def (parent, roi) = job
        def request = RegionRequest.createInstance(server.path, downsample, roi)
                .intersect2D(0, 0, server.width, server.height)
        if ((request.width / downsample) * (request.height / downsample) > mostPixels) {
            throw new IllegalArgumentException("the region has more than ${mostPixels} pixels; select a smaller"
                    + " annotation, or set a larger downsample")
        }
        def picture = server.readRegion(request)
        double scaleX = request.width / (double) picture.width
        double scaleY = request.height / (double) picture.height
        def image = read(picture, server.isRGB(), server.pixelCalibration, scaleX, scaleY)
        def result = segmenter.segment(image)
        result.warnings().each { println "attunet: ${it}" }
        def mask = roi instanceof RectangleROI
                ? result.labels()
                : within(result.labels(), roi, request.x, request.y, scaleX, scaleY)
        def found = Outline.of(mask).collect { outline ->
            int position = labels.classOf(outline.label())
            def pathClass = PathClass.getInstance(labels.nameOf(position), LabelColours.of(position))
            def shape = polygon(outline, roi.imagePlane, request.x, request.y, scaleX, scaleY)
            PathObject object = annotations
                    ? PathObjects.createAnnotationObject(shape, pathClass)
                    : PathObjects.createDetectionObject(shape, pathClass)
            object.measurementList.put("Area px^2", outline.pixels() * scaleX * scaleY)
            if (image.grid().hasPhysicalSize()) {
                object.measurementList.put("Area µm^2", outline.pixels() * image.grid().voxelVolume() * 1e6)
            }
            object.metadata.put("attunet", segmenter.model().name())
            return object
        }
        // A second run replaces the objects of the first.
        def owner = parent ?: hierarchy.rootObject
        hierarchy.removeObjects(owner.childObjects.findAll {
            it.metadata.containsKey("attunet") && it.ROI.imagePlane == roi.imagePlane
        }, true)
        if (parent == null) {
            hierarchy.addObjects(found)
        } else {
            parent.addChildObjects(found)
        }
        println "attunet: ${found.size()} objects" + (result.confidence().isPresent()
                ? String.format(Locale.ROOT, ", confidence %.2f", result.confidence().asDouble) : "")
    }
}
hierarchy.fireHierarchyChangedEvent(this)
