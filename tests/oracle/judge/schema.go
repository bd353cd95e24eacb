// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: The cpg authors
package judge

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	crdclient "github.com/cilium/cilium/pkg/k8s/apis/cilium.io/client"
	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	structuralschema "k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/listtype"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	apivalidation "k8s.io/apimachinery/pkg/api/validation"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	k8sjson "k8s.io/apimachinery/pkg/util/json"
	"k8s.io/apimachinery/pkg/util/validation/field"
	celconfig "k8s.io/apiserver/pkg/apis/cel"
)

// What etcd takes by default in one request.
const mostBytes = 3 << 19

// How the agent's reasons begin; a document that only the API server warns of is in force without what it does not know.
const byAgent = "agent: "

// Schema is the CRD of CiliumNetworkPolicy, as an API server applies it.
type Schema struct {
	structural *structuralschema.Structural
	validator  validation.SchemaValidator
	rules      *cel.Validator
}

// LoadSchema takes the CRD that the agent itself would register.
func LoadSchema() (*Schema, error) { return loadSchema(crdclient.CNPCRDName) }

func loadSchema(name string) (*Schema, error) {
	crd := crdclient.GetPregeneratedCRD(quiet, name)
	var internal apiextensions.CustomResourceDefinition
	err := apiextensionsv1.Convert_v1_CustomResourceDefinition_To_apiextensions_CustomResourceDefinition(&crd, &internal, nil)
	if err != nil {
		return nil, err
	}
	// The conversion moves a schema that all versions share to the top.
	properties := internal.Spec.Validation
	if properties == nil {
		properties = internal.Spec.Versions[0].Schema
	}
	structural, err := structuralschema.NewStructural(properties.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	validator, _, err := validation.NewSchemaValidator(properties.OpenAPIV3Schema)
	if err != nil {
		return nil, err
	}
	return &Schema{structural, validator, cel.NewValidator(structural, true, celconfig.PerCallLimit)}, nil
}

// Check fills in why the API server, or after it the agent, refuses the document.
func (s *Schema) Check(d *Document, cluster string) {
	if len(d.Rejected) > 0 {
		return
	}
	var object map[string]any
	// Whole numbers stay whole, as in an API server.
	if err := k8sjson.Unmarshal(d.JSON, &object); err != nil {
		d.Rejected = append(d.Rejected, err.Error())
		return
	}
	if object["apiVersion"] != "cilium.io/v2" || object["kind"] != "CiliumNetworkPolicy" {
		d.Rejected = append(d.Rejected, fmt.Sprintf("%v %v is not a policy of a namespace", object["apiVersion"], object["kind"]))
		return
	}
	d.Rejected = append(d.Rejected, s.unknownFields(object)...)
	for _, problem := range append(s.faults(object), metadataFaults(object["metadata"])...) {
		d.Rejected = append(d.Rejected, "schema: "+problem.Error())
	}
	if len(d.JSON) > mostBytes {
		d.Rejected = append(d.Rejected, fmt.Sprintf("%d bytes, more than the %d that etcd takes", len(d.JSON), mostBytes))
	}
	if _, err := d.Rules(cluster); err != nil {
		d.Rejected = append(d.Rejected, byAgent+err.Error())
	}
}

func (s *Schema) unknownFields(object map[string]any) []string {
	options := structuralschema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	var out []string
	for _, path := range pruning.PruneWithOptions(runtime.DeepCopyJSON(object), s.structural, true, options) {
		out = append(out, "unknown field "+path)
	}
	return out
}

func (s *Schema) faults(object map[string]any) field.ErrorList {
	out := validation.ValidateCustomResource(nil, object, s.validator)
	out = append(out, listtype.ValidateListSetsAndMaps(nil, s.structural, object)...)
	if s.rules != nil {
		byRule, _ := s.rules.Validate(context.Background(), nil, s.structural, object, nil, celconfig.RuntimeCELCostBudget)
		out = append(out, byRule...)
	}
	return out
}

func metadataFaults(metadata any) field.ErrorList {
	path := field.NewPath("metadata")
	text, err := json.Marshal(metadata)
	if err != nil {
		return field.ErrorList{field.InternalError(path, err)}
	}
	var parsed metav1.ObjectMeta
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&parsed); err != nil {
		return field.ErrorList{field.Invalid(path, string(text), err.Error())}
	}
	return apivalidation.ValidateObjectMeta(&parsed, true, apivalidation.NameIsDNSSubdomain, path)
}
