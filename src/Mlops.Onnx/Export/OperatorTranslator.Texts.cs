using Mlops.Models;

namespace Mlops.Onnx;

/// <summary>The translation of operators that read texts.</summary>
internal sealed partial class OperatorTranslator
{
    private const string Microsoft = OnnxGraphBuilder.Microsoft;

    /// <summary>What no word can be, because it is empty; the tokenizer fills its rows with it.</summary>
    private const string NoWord = "";

    /// <summary>A one-hot encoding is a lookup in a table of ones and zeros.</summary>
    private void TranslateLookup(GraphNode node, OneHotTextOperator oneHot)
    {
        var width = oneHot.Categories.Length + (oneHot.Unseen == UnseenCategory.Other ? 1 : 0);
        if (width == 0) throw Untranslatable(node, "it has no categories");
        var values = Enumerable.Range(0, oneHot.Categories.Length).Select(One).ToArray();
        var other = oneHot.Unseen == UnseenCategory.Other ? One(width - 1) : null;
        Translate(node, new TextLookupOperator(oneHot.Categories, values, other ?? new float[width], other));

        float[] One(int position)
        {
            var row = new float[width];
            row[position] = 1;
            return row;
        }
    }

    /// <summary>Each text becomes the number of its row of a table. A text that is refused becomes a number beyond the table, at which the runtime fails.</summary>
    private void Translate(GraphNode node, TextLookupOperator lookup)
    {
        if (lookup.Missing.Length == 0) throw Untranslatable(node, "it writes nothing");
        var table = NameHelper(node, "table");
        builder.AddConstant(table, (float[][])[.. lookup.Values, lookup.Missing, .. lookup.Unseen is { } unseen ? [unseen] : Array.Empty<float[]>()]);
        var count = lookup.Categories.Length;
        var (numbers, flat) = (NameHelper(node, "numbers"), AddReshape(node, node.Inputs[0], -1));
        builder.AddNode(
            "LabelEncoder",
            MachineLearning,
            [flat],
            [numbers],
            new OnnxAttribute("keys_strings", (string[])[.. lookup.Categories, ""]),
            new OnnxAttribute("values_int64s", (long[])[.. Enumerable.Range(0, count + 1)]),
            new OnnxAttribute("default_int64", (long)count + 1));
        builder.AddNode("Gather", Core, [table, numbers], node.Outputs, new OnnxAttribute("axis", 0L));
    }

    private void Translate(GraphNode node, HashTextOperator hash)
    {
        var isThere = AddCast(node, AddNode(node, "Not", AddNode(node, "Equal", node.Inputs[0], AddConstant(node, "missing", ""))), OrtElementTypes.Float32);
        AddBuckets(node, node.Inputs[0], isThere, hash.Buckets, hash.IsSigned);
    }

    /// <summary>The locale C knows ASCII letters only, on every system.</summary>
    private void Translate(GraphNode node, BagOfWordsOperator bag)
    {
        var (lower, words) = (NameHelper(node, "lower"), NameHelper(node, "words"));
        builder.AddNode(
            "StringNormalizer", Core, [AddReshape(node, node.Inputs[0], -1)], [lower],
            new OnnxAttribute("case_change_action", "LOWER"), new OnnxAttribute("is_case_sensitive", 1L), new OnnxAttribute("locale", "C"));
        builder.AddNode(
            "Tokenizer", Microsoft, [lower], [words],
            new OnnxAttribute("mark", 0L), new OnnxAttribute("mincharnum", 1L), new OnnxAttribute("pad_value", NoWord), new OnnxAttribute("tokenexp", @"[a-z0-9\x{80}-\x{10FFFF}]+"));
        var isThere = AddCast(node, AddNode(node, "Not", AddNode(node, "Equal", words, AddConstant(node, "no_word", NoWord))), OrtElementTypes.Float32);
        AddBuckets(node, words, isThere, bag.Buckets, bag.IsSigned);
    }

    /// <summary>Adds 1, or the sign of the hash, to the bucket of each text that is there; (rows × n) → (rows × buckets).</summary>
    private void AddBuckets(GraphNode node, string texts, string isThere, int buckets, bool isSigned)
    {
        var hash = NameHelper(node, "hash");
        builder.AddNode("MurmurHash3", Microsoft, [texts], [hash], new OnnxAttribute("positive", 0L), new OnnxAttribute("seed", 0L));
        var wide = AddCast(node, hash, OrtElementTypes.Int64);
        var bucket = AddNode(node, "Mod", AddNode(node, "Abs", wide), AddConstant(node, "buckets", (long)buckets));
        if (isSigned)
        {
            var isNegative = AddNode(node, "Less", wide, AddConstant(node, "zero", 0L));
            isThere = AddNode(node, "Where", isNegative, AddNode(node, "Neg", isThere), isThere);
        }

        // (rows × buckets) of zeros, whose rows are those of the input.
        var rows = NameHelper(node, "rows");
        builder.AddNode("Shape", Core, [texts], [rows], new OnnxAttribute("start", 0L), new OnnxAttribute("end", 1L));
        var shape = NameHelper(node, "shape");
        builder.AddNode("Concat", Core, [rows, AddConstant(node, "width", (long)buckets)], [shape], new OnnxAttribute("axis", 0L));
        var zeros = AddNode(node, "Expand", AddConstant(node, "zero", 0f), shape);
        builder.AddNode("ScatterElements", Core, [zeros, bucket, isThere], node.Outputs, new OnnxAttribute("axis", 1L), new OnnxAttribute("reduction", "add"));
    }

    private string AddReshape(GraphNode node, string input, params long[] shape) => AddNode(node, "Reshape", input, AddConstant(node, "shape", shape));
}
