namespace System.Runtime.CompilerServices;

/// <summary>What the compiler asks for to write records and init accessors; .NET Standard 2.0 lacks it.</summary>
internal static class IsExternalInit;
