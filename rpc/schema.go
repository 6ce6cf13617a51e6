package rpc

import (
	"math"
	"reflect"
	"strings"
	"unicode"
)

// schema is a JSON Schema, draft 7, with the keywords that are used here.
type schema struct {
	Ref                  string             `json:"$ref,omitempty"`
	Description          string             `json:"description,omitempty"`
	Type                 string             `json:"type,omitempty"`
	Const                *int               `json:"const,omitempty"`
	Enum                 []string           `json:"enum,omitempty"`
	Minimum              *int64             `json:"minimum,omitempty"`
	Maximum              *int64             `json:"maximum,omitempty"`
	Items                *schema            `json:"items,omitempty"`
	Properties           map[string]*schema `json:"properties,omitempty"`
	Required             []string           `json:"required,omitempty"`
	AdditionalProperties *bool              `json:"additionalProperties,omitempty"`
}

// schemas holds the schemas of structs, by the name they are referred to.
type schemas map[string]*schema

// of returns the schema of a type of parameters and results.
func (all schemas) of(t reflect.Type) *schema {
	if special, ok := schemaTypes[t]; ok {
		return special
	}
	if e, ok := reflect.Zero(t).Interface().(enumeration); ok {
		return &schema{Type: "string", Enum: e.words()}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return all.of(t.Elem())
	case reflect.Bool:
		return &schema{Type: "boolean"}
	case reflect.String:
		return &schema{Type: "string"}
	case reflect.Int:
		return integerSchema(0, maxOffset)
	case reflect.Int32:
		return integerSchema(math.MinInt32, math.MaxInt32)
	case reflect.Uint16:
		return integerSchema(0, math.MaxUint16)
	case reflect.Uint32:
		return integerSchema(0, math.MaxUint32)
	case reflect.Uint64:
		return integerSchema(0, maxOffset)
	case reflect.Slice:
		return &schema{Type: "array", Items: all.of(t.Elem())}
	case reflect.Struct:
		name := []rune(t.Name())
		name[0] = unicode.ToUpper(name[0])
		if all[string(name)] == nil {
			all[string(name)] = all.object(t)
		}
		return &schema{Ref: "#/components/schemas/" + string(name)}
	}
	panic("rpc: no schema for " + t.String())
}

func integerSchema(minimum, maximum int64) *schema {
	return &schema{Type: "integer", Minimum: &minimum, Maximum: &maximum}
}

// object returns the schema of a struct. Fields are required unless they are pointers or may be omitted.
func (all schemas) object(t reflect.Type) *schema {
	o := &schema{Type: "object", Properties: map[string]*schema{}, AdditionalProperties: new(bool)}
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		property := *all.of(field.Type)
		property.Description = field.Tag.Get("doc")
		o.Properties[name] = &property
		if field.Type.Kind() != reflect.Pointer && options != "omitempty" {
			o.Required = append(o.Required, name)
		}
	}
	return o
}
