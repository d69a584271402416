namespace Mlops.Onnx;

/// <summary>What a node of a tree asks of its feature. The numbers are those of TreeEnsemble (ai.onnx.ml 5).</summary>
internal enum TreeMode : byte
{
    LessOrEqual = 0,
    Less = 1,
    GreaterOrEqual = 2,
    Greater = 3,
    Equal = 4,
    NotEqual = 5,
    Member = 6,
    Leaf = 7,
}
