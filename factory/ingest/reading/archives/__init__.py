"""Archives: their members, safely, however deep and damaged."""
