package assets

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"testing"
)

func TestIconIsASquarePicture(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(Icon))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 256 || b.Dy() != 256 {
		t.Errorf("icon is %d by %d pixels, want 256 by 256", b.Dx(), b.Dy())
	}
	if _, _, _, alpha := img.At(0, 0).RGBA(); alpha != 0 {
		t.Error("the corner of the icon is not transparent")
	}
}

func TestDrawingIsXML(t *testing.T) {
	var svg struct {
		XMLName xml.Name
		ViewBox string `xml:"viewBox,attr"`
	}
	if err := xml.Unmarshal(IconSVG, &svg); err != nil {
		t.Fatal(err)
	}
	if svg.XMLName.Local != "svg" || svg.ViewBox != "0 0 512 512" {
		t.Errorf("drawing is <%s viewBox=%q>, want an svg of 512 by 512", svg.XMLName.Local, svg.ViewBox)
	}
}
