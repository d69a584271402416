using System.Globalization;

namespace Mlops.Onnx.Tests;

/// <summary>Reads a model in the text format of LightGBM.</summary>
internal static class LightGbmModel
{
    private const int DefaultLeft = 2;
    private const int MissingType = 12;
    private const int MissingIsNaN = 8;

    public static TrainedTrees Read(string path)
    {
        var header = new Dictionary<string, string>();
        var trees = new List<Dictionary<string, string>>();
        var section = header;
        foreach (var line in File.ReadLines(path).TakeWhile(line => line != "end of trees"))
        {
            if (line.IndexOf('=', StringComparison.Ordinal) is not (> 0 and var end)) continue;
            if (line.StartsWith("Tree=", StringComparison.Ordinal)) trees.Add(section = []);
            section[line[..end]] = line[(end + 1)..];
        }

        var classes = int.Parse(header["num_class"], CultureInfo.InvariantCulture);
        return new TrainedTrees(
            int.Parse(header["max_feature_idx"], CultureInfo.InvariantCulture) + 1,
            classes > 1 ? classes : header["objective"].StartsWith("binary", StringComparison.Ordinal) ? 2 : 0,
            "BRANCH_LEQ",
            0,
            [.. trees.Select((tree, number) => ReadTree(tree, number % classes))]);
    }

    private static TrainedTree ReadTree(Dictionary<string, string> tree, int target)
    {
        var (features, decisions, left, right) = (Integers("split_feature"), Integers("decision_type"), Integers("left_child"), Integers("right_child"));
        var thresholds = Numbers("threshold");
        var nodes = new TrainedNode[features.Length];
        for (var node = 0; node < nodes.Length; node++)
        {
            // Where no value was missing in the training, a missing one counts as 0.
            var takesMissingLeft = (decisions[node] & MissingType) == MissingIsNaN ? (decisions[node] & DefaultLeft) != 0 : 0 <= thresholds[node];
            nodes[node] = new TrainedNode(features[node], RoundDown(thresholds[node]), takesMissingLeft, left[node], right[node]);
        }

        return new TrainedTree(target, nodes, [.. Numbers("leaf_value").Select(value => (float)value)]);

        int[] Integers(string name) => [.. tree[name].Split(' ').Select(text => int.Parse(text, CultureInfo.InvariantCulture))];

        double[] Numbers(string name) => [.. tree[name].Split(' ').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
    }

    /// <summary>The largest float that is not above a threshold: it lets the same floats pass.</summary>
    private static float RoundDown(double threshold) => (float)threshold is var rounded && rounded > threshold ? MathF.BitDecrement(rounded) : (float)threshold;
}
