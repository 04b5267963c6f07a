package org.attunet.server.monai;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.UploadedFile;
import java.nio.file.Path;
import java.util.List;
import org.attunet.io.Images;
import org.attunet.server.http.HttpFailure;
import org.attunet.server.http.Uploads;
import org.attunet.server.segment.SegmentRoutes;

/** {@code /session/}: an image for a while, which 3D Slicer opens for a volume that the data store doesn't have. */
record SessionRoutes(Sessions sessions, VolumeUploads intake) {
    void addTo(RoutesConfig routes) {
        routes.put("/session/", this::open);
        routes.get("/session/{id}", this::get);
        routes.delete("/session/{id}", this::remove);
    }

    private void open(Context ctx) {
        if (RequestParams.flag(ctx, "uncompress", false)) {
            throw new HttpFailure(422, "archives are not taken; expected one volume as NIfTI (.nii, .nii.gz)");
        }
        int expiry = RequestParams.number(ctx, "expiry", 0);
        List<UploadedFile> files = ctx.isMultipartFormData() ? ctx.uploadedFiles("files") : List.of();
        if (files.size() != 1) {
            throw new HttpFailure(
                    422,
                    "the request holds " + files.size() + " files; expected one volume as NIfTI, as 'curl -F"
                            + " files=@scan.nii.gz' sends it");
        }
        Path folder = sessions.folder();
        boolean opened = false;
        try {
            Path image = intake.image(files.get(0), folder);
            Sessions.Session session =
                    sessions.open(image, Uploads.stem(files.get(0).filename()), expiry);
            opened = true;
            ObjectNode json = JsonNodeFactory.instance.objectNode().put("session_id", session.id());
            json.set("session_info", session.json());
            SegmentRoutes.json(ctx, json);
        } finally {
            if (!opened) {
                sessions.discard(folder);
            }
        }
    }

    private void get(Context ctx) {
        Sessions.Session session = sessions.get(ctx.pathParam("id"), RequestParams.flag(ctx, "update_ts", false));
        if (RequestParams.flag(ctx, "image", false)) {
            SegmentRoutes.send(ctx, session.image(), session.name() + Images.suffix(session.image()));
        } else {
            SegmentRoutes.json(ctx, session.json());
        }
    }

    private void remove(Context ctx) {
        Sessions.Session session = sessions.get(ctx.pathParam("id"), false);
        sessions.remove(session.id());
        SegmentRoutes.json(ctx, session.json());
    }
}
