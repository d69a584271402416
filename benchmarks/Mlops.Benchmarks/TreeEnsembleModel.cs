using System.Runtime.InteropServices;
using System.Text;

namespace Mlops.Benchmarks;

/// <summary>An ONNX file of random trees, all of the same depth: (x: Float32[?, features]) → (y: Float32[?, 1]). Written by hand, because exports hold no trees.</summary>
internal static class TreeEnsembleModel
{
    private const string MachineLearning = "ai.onnx.ml";

    public static byte[] Build(int trees, int depth, int features, bool tracksMissing)
    {
        var random = new Random(11);
        var inner = (1 << depth) - 1;
        var count = (2 * inner) + 1;
        var nodes = Enumerable.Range(0, trees * count).ToArray();
        long[] Of(Func<int, long> value) => Array.ConvertAll(nodes, node => value(node % count));
        var leaves = Array.FindAll(nodes, node => node % count >= inner);
        byte[][] attributes =
        [
            Integers("nodes_treeids", Array.ConvertAll(nodes, node => (long)(node / count))),
            Integers("nodes_nodeids", Of(node => node)),
            Integers("nodes_featureids", Of(node => node < inner ? random.Next(features) : 0)),
            Integers("nodes_truenodeids", Of(node => node < inner ? (2 * node) + 1 : 0)),
            Integers("nodes_falsenodeids", Of(node => node < inner ? (2 * node) + 2 : 0)),
            Integers("nodes_missing_value_tracks_true", Of(node => tracksMissing && node < inner ? random.Next(2) : 0)),
            Texts("nodes_modes", Array.ConvertAll(nodes, node => node % count < inner ? (tracksMissing ? "BRANCH_LT" : "BRANCH_LEQ") : "LEAF")),
            Floats("nodes_values", Array.ConvertAll(nodes, _ => (random.NextSingle() * 2) - 1)),
            Integers("target_treeids", Array.ConvertAll(leaves, leaf => (long)(leaf / count))),
            Integers("target_nodeids", Array.ConvertAll(leaves, leaf => (long)(leaf % count))),
            Integers("target_ids", new long[leaves.Length]),
            Floats("target_weights", Array.ConvertAll(leaves, _ => random.NextSingle() - 0.5f)),
            [.. Text(1, "n_targets"), .. Integer(3, 1), .. Integer(20, 2)],
        ];
        byte[] node = [.. Text(1, "x"), .. Text(2, "y"), .. Text(4, "TreeEnsembleRegressor"), .. attributes.SelectMany(attribute => Bytes(5, attribute)), .. Text(7, MachineLearning)];
        byte[] graph = [.. Bytes(1, node), .. Text(2, "trees"), .. Bytes(11, Value("x", features)), .. Bytes(12, Value("y", 1))];
        return [.. Integer(1, 10), .. Bytes(7, graph), .. Bytes(8, [.. Text(1, ""), .. Integer(2, 21)]), .. Bytes(8, [.. Text(1, MachineLearning), .. Integer(2, 3)])];
    }

    private static byte[] Value(string name, int width)
    {
        byte[] shape = [.. Bytes(1, Text(2, "rows")), .. Bytes(1, Integer(1, width))];
        return [.. Text(1, name), .. Bytes(2, Bytes(1, [.. Integer(1, 1), .. Bytes(2, shape)]))];
    }

    private static byte[] Integers(string name, long[] values) => [.. Text(1, name), .. Bytes(8, [.. values.SelectMany(value => Varint((ulong)value))]), .. Integer(20, 7)];

    private static byte[] Floats(string name, float[] values) => [.. Text(1, name), .. Bytes(7, MemoryMarshal.AsBytes<float>(values).ToArray()), .. Integer(20, 6)];

    private static byte[] Texts(string name, string[] values) => [.. Text(1, name), .. values.SelectMany(value => Text(9, value)), .. Integer(20, 8)];

    private static byte[] Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    private static byte[] Integer(int field, long value) => [.. Varint((ulong)field << 3), .. Varint((ulong)value)];

    private static byte[] Bytes(int field, byte[] content) => [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)content.Length), .. content];

    private static byte[] Varint(ulong value)
    {
        var bytes = new List<byte>();
        for (; value >= 0x80; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return [.. bytes];
    }
}
