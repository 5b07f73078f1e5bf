package wire

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// namespaces of the Query services' answers.
var namespaces = map[string]string{
	"iam": "https://iam.amazonaws.com/doc/2010-05-08/",
	"sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}

// encodeXML is the answer of a Query operation.
func (c *codec) encodeXML(op string, out reflect.Value, requestID string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<%sResponse xmlns=%q>", op, namespaces[c.service])
	fmt.Fprintf(&b, "<%sResult>", op)
	c.writeXMLStruct(&b, out)
	fmt.Fprintf(&b, "</%sResult>", op)
	fmt.Fprintf(&b, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>", requestID, op)
	return b.Bytes()
}

func (c *codec) writeXMLStruct(b *bytes.Buffer, v reflect.Value) {
	p := c.planOf(v.Type())
	for i := range p.fields {
		f := &p.fields[i]
		if fv := v.Field(f.index); !absent(fv) {
			c.writeXML(b, f.name, fv)
		}
	}
}

// writeXML writes one element.
func (c *codec) writeXML(b *bytes.Buffer, name string, v reflect.Value) {
	if v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		c.writeXML(b, name, v.Elem())
		return
	}
	b.WriteString("<" + name + ">")
	switch {
	case v.Type() == timeType:
		b.WriteString(v.Interface().(time.Time).UTC().Format("2006-01-02T15:04:05Z"))
	case v.Kind() == reflect.Struct:
		if u, ok := c.members[v.Type()]; ok {
			c.writeXML(b, u.name, v.FieldByName("Value"))
		} else {
			c.writeXMLStruct(b, v)
		}
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		b.WriteString(base64.StdEncoding.EncodeToString(v.Bytes()))
	case v.Kind() == reflect.Slice:
		for i := range v.Len() {
			c.writeXML(b, "member", v.Index(i))
		}
	case v.Kind() == reflect.Map:
		for _, k := range sortedKeys(v) {
			b.WriteString("<entry>")
			c.writeXML(b, "key", k)
			c.writeXML(b, "value", v.MapIndex(k))
			b.WriteString("</entry>")
		}
	default:
		xml.EscapeText(b, []byte(scalarText(v)))
	}
	b.WriteString("</" + name + ">")
}

// scalarText is a scalar as headers and XML have it.
func scalarText(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		return scalarText(v.Elem())
	case reflect.String:
		return v.String()
	case reflect.Bool:
		return strconv.FormatBool(v.Bool())
	case reflect.Int32, reflect.Int64:
		return strconv.FormatInt(v.Int(), 10)
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'g', -1, 64)
	}
	return fmt.Sprint(v.Interface())
}
