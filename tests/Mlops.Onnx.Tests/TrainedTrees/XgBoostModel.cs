using System.Text.Json;

namespace Mlops.Onnx.Tests;

/// <summary>Reads the trees of XGBoost as make_xgboost.js writes them.</summary>
internal static class XgBoostModel
{
    public static TrainedTrees Read(string path, int features)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(path));
        var model = json.RootElement;
        var groups = model.GetProperty("groups").GetInt32();
        var isBinary = model.GetProperty("objective").GetString() == "binary:logistic";
        return new TrainedTrees(features, groups > 1 ? groups : isBinary ? 2 : 0, "BRANCH_LT", model.GetProperty("base").GetSingle(), [.. model.GetProperty("trees").EnumerateArray().Select(ReadTree)]);
    }

    /// <summary>Numbers the leaves apart from the nodes that ask.</summary>
    private static TrainedTree ReadTree(JsonElement tree)
    {
        var (left, right, features, missingLeft) = (Integers("left"), Integers("right"), Integers("feature"), Integers("missingLeft"));
        float[] values = [.. tree.GetProperty("value").EnumerateArray().Select(value => value.GetSingle())];
        var places = new int[left.Length];
        var (nodeCount, leafCount) = (0, 0);
        for (var node = 0; node < left.Length; node++) places[node] = left[node] < 0 ? ~leafCount++ : nodeCount++;

        int[] nodes = [.. Enumerable.Range(0, left.Length)];
        return new TrainedTree(
            tree.GetProperty("target").GetInt32(),
            [.. nodes.Where(node => left[node] >= 0).Select(node => new TrainedNode(features[node], values[node], missingLeft[node] != 0, places[left[node]], places[right[node]]))],
            [.. nodes.Where(node => left[node] < 0).Select(node => values[node])]);

        int[] Integers(string name) => [.. tree.GetProperty(name).EnumerateArray().Select(number => number.GetInt32())];
    }
}
