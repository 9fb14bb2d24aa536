package httpapi

import (
	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-dev/plumbline/internal/catalog"
)

// shelving are the parameters of the catalogue's list, which knows no times.
func shelving() []*huma.Param {
	params := listing(catalogSorts...)
	for _, p := range params {
		switch p.Name {
		case "sort":
			p.Description = "The order; recommended if absent."
		case "sortDir":
			p.Description = "The direction; ASC if absent."
		}
	}
	return params
}

var catalogOperations = map[string]operation{
	"listConnectionCatalog": {tag: "Catalogue", summary: "List the catalogue of providers", text: "In the order that is recommended to a newcomer, then by name, unless another order is asked for.",
		params: append(shelving(), searching("the name, the category or what it is for"), query("category", "Only those of this category.", words(catalog.CategoryNames())),
			query("kind", "Only those of this kind.", words(catalogKinds))), replies: map[int]any{200: wireList[wireCatalogEntry]{}}},
	"listCatalogCategories": {tag: "Catalogue", summary: "List the categories of the catalogue", replies: map[int]any{200: wireCatalogCategories{}}},
	"getCatalogEntry":       {tag: "Catalogue", summary: "Get an entry of the catalogue with its guide, recipe and tests", replies: map[int]any{200: wireCatalogDetail{}}},
	"useCatalogEntry": {tag: "Catalogue", summary: "Make a connection from an entry of the catalogue",
		text: "The connection comes with its resource and, in each workspace, the recommended tests, published and mapped to the controls by their codes. Controls that a workspace lacks are added, if the caller may. " +
			"All of it is made at once, or nothing. It needs no credentials: they are given afterwards, with the collection.",
		body: catalogUse{}, replies: map[int]any{201: wireUsed{}}, errors: []int{409}},
}
